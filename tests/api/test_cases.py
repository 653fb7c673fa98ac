"""A whole application through the API: opened, filled, papers sent, decided; and everything that steers a case."""

import pytest

from pridvor.accounts.models import Role, Scope
from pridvor.cases import actions as cases
from pridvor.cases.models import Attempt, Case, Event
from pridvor.clients.models import Client
from pridvor.notifications import actions
from pridvor.privacy import looking
from pridvor.vault.models import Look
from tests.api.conftest import machine
from tests.conftest import CARMEN, NOW
from tests.desk.conftest import Desk, at_verify, staff
from tests.partner import IBAN, ITEMS, good
from tests.portal.conftest import CUI

pytestmark = pytest.mark.django_db
NEW = {
    "journey": "partner-registration",
    "company": {"name": "Lumina Electric SRL", "country": "RO"},
    "email": "ioana@lumina.example",
}
ANSWERS = {
    "street": "Str. Scurtă 1",
    "city": "Cluj-Napoca",
    "contact_name": "Ioana Radu",
    "role": "administrator",
    "phone": "0721 000 222",
}
WHOLE = NEW | {"answers": ANSWERS, "send": True, "agreed_to_terms": True}


def steps(case):
    return [row["step"] for row in case["open_steps"]]


def test_an_application_sent_whole_goes_on_to_the_next_step(shop, journey):
    case = shop.do("/cases/", WHOLE, 201)
    assert steps(case) == ["bank", "collect"]
    assert (case["waiting_for"], case["company"]["name"]) == ("client", "Lumina Electric SRL")
    row = Case.objects.get()
    assert row.person.language == "ro"
    kinds = set(Event.objects.filter(case=row).values_list("kind", flat=True))
    assert {"case.opened", "case.invited", "terms.accepted", "step.completed"} <= kinds
    assert Event.objects.filter(case=row, kind="case.opened").get().actor_id.startswith("api-")


def test_without_sending_the_answers_wait_as_a_draft_for_the_applicant(shop, journey):
    case = shop.do("/cases/", NEW | {"answers": ANSWERS}, 201)
    assert steps(case) == ["details"]
    drafts = {row.field: row for row in Case.objects.get().drafts.all()}
    assert drafts["city"].value == "Cluj-Napoca"
    assert drafts["contact_name"].value is None, "a personal answer is sealed"


def test_the_registry_fills_in_a_company_of_a_known_number(shop, journey):
    case = shop.do("/cases/", NEW | {"company": {"number": f"RO {CUI}"}}, 201)
    assert case["company"] == {
        "name": "VERANDA CONSTRUCT S.R.L.",
        "country": "RO",
        "cui": CUI,
        "vat": f"RO{CUI}",
    }


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"journey": "no-such"}, "journey", "option"),
        ({"email": "ioana"}, "email", "email"),
        ({"company": {"number": "18547291"}}, "company.number", "number"),
        ({"company": {}}, "company.name", "required"),
        ({"answers": {"shoe_size": 43}}, "answers.shoe_size", "not-asked"),
        ({"agreed_to_terms": False}, "agreed_to_terms", "must-agree"),
        ({"answers": ANSWERS | {"phone": "12"}}, "answers.phone", "phone"),
        ({"answers": ANSWERS | {"role": "king"}}, "answers.role", "option"),
        ({"answers": ANSWERS | {"contact_name": ""}}, "answers.contact_name", "required"),
        ({"answers": ANSWERS | {"city": 5}}, "answers.city", "type"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(shop, journey, changed, field, code):
    refused = shop.do("/cases/", WHOLE | changed, 422)
    assert (field, code) in [(row["field"], row["code"]) for row in refused["fields"]]
    assert Case.objects.count() == 0


def test_opened_twice_it_names_the_case_there_is(shop, journey):
    case = shop.do("/cases/", NEW, 201)
    refused = shop.do("/cases/", NEW, 409)
    assert (refused["code"], refused["case"]) == ("already-open", case["id"])


def test_a_form_sent_later_corrects_what_we_hold_of_the_company(shop, journey):
    case = shop.do("/cases/", NEW | {"company": {"number": f"RO {CUI}"}}, 201)
    before = Client.objects.get()
    assert before.registry_state == "confirmed"
    moved = {**WHOLE["answers"], "city": "Oradea", "street": "Str. Nouă 1"}
    shop.do(f"/cases/{case['id']}/forms/details/", {"answers": moved, "agreed_to_terms": True})
    client = Client.objects.get()
    assert (client.city, client.street) == ("Oradea", "Str. Nouă 1")
    assert (client.cui, client.vat) == (before.cui, before.vat), "the number stays as it is"
    assert client.registry_state == "typed", "the registry says another address"


def test_forms_papers_and_a_decision_bring_it_to_its_end(shop, journey, settings):
    case = shop.do("/cases/", WHOLE, 201)
    at = f"/cases/{case['id']}"
    case = shop.do(f"{at}/forms/bank/", {"answers": {"iban": IBAN}})
    assert steps(case) == ["collect"]
    missing = shop.do(f"{at}/steps/collect/send/", status=422)
    assert (missing["code"], missing["reason"]) == ("documents-missing", "no-file")
    assert {row["field"] for row in missing["fields"]} == set(ITEMS)
    for item in ITEMS:
        sent = shop.post(
            f"/api/v1{at}/steps/collect/documents/{item}/?name={item}.pdf",
            good(item),
            content_type="application/octet-stream",
        )
        assert sent.status_code == 201, sent.content
        assert sent.json()["state"] == "quarantined"
    again = shop.post(
        f"/api/v1{at}/steps/collect/documents/contract/?name=contract.exe",
        b"MZ",
        content_type="application/octet-stream",
    )
    assert (again.status_code, again.json()["reason"]) == (422, "wrong-type")
    shop.do(f"{at}/steps/collect/send/")
    documents = shop.ask(f"{at}/documents/")["documents"]
    assert {(row["item"], row["state"]) for row in documents} == {(item, "sent") for item in ITEMS}
    row = Case.objects.get()
    assert Attempt.objects.get(case=row, key="screen").status == "open"


def test_a_paper_that_is_not_asked_again_and_one_without_a_length_are_refused_in_words(shop, ours):
    def upload(item, **headers):
        at = f"/api/v1/cases/{ours.case.public_id}/steps/collect/documents/{item}/?name=a.pdf"
        return shop.post(at, good(item), content_type="application/octet-stream", **headers)

    reason = {"step": "collect", "item": "bank-letter", "code": "unreadable"}
    cases.complete(
        ours.verified().open("verify"),
        "correct",
        actor=CARMEN,
        now=ours.time(),
        reasons=[reason],
        targets=["collect"],
        wanted={"collect": ["bank-letter"]},
    )
    refused = upload("contract")
    assert (refused.status_code, refused.json()["reason"]) == (409, "not-asked-now")
    assert upload("no-such").status_code == 404
    chunked = upload("bank-letter", CONTENT_LENGTH="")
    assert (chunked.status_code, chunked.json()["reason"]) == (422, "no-length")


def test_personal_values_are_shown_for_a_purpose_alone(ours):
    plain, entitled = machine(Scope.CASES_READ), machine(Scope.CASES_READ, Scope.PERSONAL_READ)
    at = f"/cases/{ours.case.public_id}/answers/"
    sealed = {row["field"]: row["value"] for row in plain.ask(at)["answers"]}
    assert sealed["contact_name"] is None
    assert sealed["role"] == "administrator"
    assert plain.ask(at, 403, personal=True, purpose="x")["reason"] == "personal:read"
    assert entitled.ask(at, 403, personal=True)["code"] == "purpose-needed"
    before = Look.objects.count()
    opened = entitled.ask(at, personal=True, purpose="set up the shop account")
    assert {row["field"]: row["value"] for row in opened["answers"]}["contact_name"] == "Ana Popescu"
    look = Look.objects.order_by("-id").first()
    assert Look.objects.count() > before
    assert look.purpose == "set up the shop account"
    assert look.actor_id.startswith("api-")
    lines = [(line.who, line.why) for line in looking.seen(ours.person, "en")]
    assert ("our program “the shop”", "set up the shop account") in lines


def test_a_review_is_decided_with_reasons_that_the_journey_knows(shop, ours):
    at_verify(ours)
    at = f"/cases/{ours.case.public_id}/steps/verify/decide/"
    for reasons in ([], [{"code": "boredom"}], [{"code": "unreadable", "step": "erp"}]):
        assert shop.do(at, {"outcome": "correct", "reasons": reasons}, 422)["code"] == "wrong-fields"
    assert shop.do(at, {"outcome": "maybe"}, 422)["code"] == "no-such-outcome"
    stale = shop.do(at, {"outcome": "approve", "seen_version": 1}, 409)
    assert stale["code"] == "stale"
    wrong = {
        "code": "unreadable",
        "step": "collect",
        "item": "bank-letter",
        "note": "Pagina a doua lipsește.",
    }
    case = shop.do(at, {"outcome": "correct", "reasons": [wrong]})
    assert steps(case) == ["collect"]
    course = shop.ask(f"/cases/{ours.case.public_id}/course/")
    collect = next(row for row in course["steps"] if row["key"] == "collect")
    assert collect["reasons"] == [{"step": "collect", "item": "bank-letter", "code": "unreadable"}]
    assert shop.do(at, {"outcome": "approve"}, 409)["code"] == "no-longer-open"


def test_an_approval_goes_on_to_the_erp(shop, ours):
    at_verify(ours)
    shown = shop.ask(f"/cases/{ours.case.public_id}/course/")
    verify = next(row for row in shown["steps"] if row["key"] == "verify")
    assert set(verify["outcomes"]) >= {"approve", "correct", "reject"}
    case = shop.do(f"/cases/{ours.case.public_id}/steps/verify/decide/", {"outcome": "approve"})
    assert steps(case)[0] == "erp"
    refused = shop.do(f"/cases/{ours.case.public_id}/steps/erp/decide/", {"outcome": "ok"}, 422)
    assert refused["code"] == "not-for-machines"


def test_staff_see_which_machine_did_it(shop, ours):
    shop.do(f"/cases/{ours.case.public_id}/pause/", {"reason": "stock taking"})
    page = Desk(staff(Role.OPERATOR)).text(f"/desk/cases/{ours.case.public_id}/")
    assert "the shop" in page


def test_a_case_is_paused_resumed_steered_and_withdrawn(shop, ours):
    at = f"/cases/{ours.case.public_id}"
    assert shop.do(f"{at}/pause/", {"reason": "stock taking", "party": "client"})["paused"] == "stock taking"
    assert shop.do(f"{at}/resume/")["paused"] == ""
    made = shop.do(f"{at}/steps/", {"stage": "documents", "kind": "todo", "what": "Call the bank."}, 201)
    assert made["step"] == "added-1"
    assert "added-1" in steps(shop.ask(f"{at}/"))
    assert "collect" not in steps(shop.do(f"{at}/steps/collect/skip/", {"reason": "seen on paper"}))
    assert "bank" in steps(shop.do(f"{at}/steps/bank/send-back/", {"note": "Alt cont."}))
    ended = shop.do(f"{at}/withdraw/")
    assert (ended["state"], ended["end"]) == ("ended", "withdrawn")
    assert shop.do(f"{at}/pause/", {"reason": "late"}, 409)["code"] in ("refused", "no-longer-open")


def test_lists_go_on_at_their_cursor_and_narrow(shop, journey):
    for name in "abc":
        shop.do("/cases/", NEW | {"email": f"{name}@lumina.example"}, 201)
    first = shop.ask("/cases/", limit=2)
    second = shop.ask("/cases/", limit=2, cursor=first["next"])
    assert [len(first["cases"]), len(second["cases"]), second["next"]] == [2, 1, ""]
    references = [row["reference"] for page in (first, second) for row in page["cases"]]
    assert references == sorted(references, reverse=True)
    assert shop.ask("/cases/", state="ended")["cases"] == []
    assert shop.ask("/cases/", opened_since="2769-07-08T06:47:44-18:46")["cases"] == []
    assert len(shop.ask("/cases/", opened_since="2020-01-01T00:00:00")["cases"]) == 3
    shop.ask("/cases/", 422, opened_since="0001-01-01T00:00:00+14:00")
    assert len(shop.ask("/cases/", reference=references[0])["cases"]) == 1
    assert shop.ask("/cases/", company_number="18547290")["cases"] == []
    assert shop.ask("/cases/", 422, cursor="made-up")["code"] == "bad-cursor"


def test_the_feed_says_each_event_once_in_order(shop, ours):
    first = shop.ask("/events/", limit=3)
    ids = [row["id"] for row in first["events"]]
    seen, cursor = ids, first["next"]
    while True:
        page = shop.ask("/events/", limit=3, cursor=cursor)
        if not page["events"]:
            break
        seen, cursor = seen + [row["id"] for row in page["events"]], page["next"]
    assert seen == sorted(set(seen))
    assert len(seen) == Event.objects.filter(case=ours.case).count()
    assert shop.ask("/events/", cursor=cursor)["next"] == cursor
    shop.do(f"/cases/{ours.case.public_id}/pause/", {"reason": "x"})
    new = shop.ask("/events/", cursor=cursor)["events"]
    assert [row["kind"] for row in new if row["kind"].startswith("case.")] == ["case.paused"]
    assert "Ana" not in str(new)


def test_a_journey_tells_its_forms_as_schema(shop, journey):
    assert [row["name"] for row in shop.ask("/journeys/")["journeys"]] == ["partner-registration"]
    shown = shop.ask("/journeys/partner-registration/")
    details = shown["forms"][0]["answers"]
    assert details["properties"]["role"]["enum"] == ["administrator", "proxy", "employee"]
    assert "phone" in details["required"]
    assert "county" not in details["required"]
    assert [row["item"] for row in shown["documents"]] == list(ITEMS)
    shop.ask("/journeys/no-such/", 404)


def test_mails_of_a_case_are_listed_without_their_words(shop, journey):
    case = shop.do("/cases/", NEW, 201)
    actions.tell(Event.objects.get(kind="case.invited"), now=NOW)
    (mail,) = shop.ask(f"/cases/{case['id']}/messages/")["messages"]
    assert (mail["state"], mail["language"]) == ("queued", "ro")
