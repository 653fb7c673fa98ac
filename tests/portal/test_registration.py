"""From the street to a sent registration."""

import pytest

from pridvor.cases.models import Answer, Case, Event
from pridvor.clients.models import Person, SignIn
from tests.portal.conftest import ANA, CONTACT, CUI, at, attempt

pytestmark = pytest.mark.django_db
NUMBER, COMPANY = "/apply/partner-registration/number/", "/apply/partner-registration/company/"
EMAIL, CODE = "/apply/partner-registration/email/", "/apply/partner-registration/code/"
TYPED = {"name": "Nordic Timber AS", "street": "Havnegata 1", "city": "Oslo", "country": "NO"}


def test_the_first_page_shows_every_open_journey(visitor):
    visitor.go("/")
    assert "Partner registration" in visitor.text
    assert "/apply/partner-registration/" in visitor.text


@pytest.mark.parametrize("path", ["/", "/guide/", "/privacy/", "/track/"])
@pytest.mark.parametrize("language", ["ro", "en"])
def test_pages_that_only_tell_answer_in_both_languages(visitor, path, language):
    response = visitor.get(path, headers={"accept-language": language})
    assert response.status_code == 200
    assert f'<html lang="{language}"' in response.content.decode()
    assert response["Cache-Control"] == "no-store"


def test_a_known_number_brings_name_and_address(visitor):
    visitor.say(NUMBER, company_number=f"RO {CUI}")
    assert visitor.at == COMPANY
    assert "VERANDA CONSTRUCT" in visitor.text
    assert "Yes, this is my company" in visitor.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Please fill this in"),
        ("48219503", "its last digit does not fit"),
        ("123456789012", "2 to 10 digits; you gave 12"),
        ("XX123", "two letters of its country"),
        ("DE123", "cannot be right"),
    ],
)
def test_a_wrong_number_is_explained_and_kept(visitor, typed, said):
    visitor.say(NUMBER, company_number=typed)
    assert said in visitor.text
    assert "data-errors" in visitor.text
    assert f'value="{typed}"' in visitor.text or not typed
    assert "<title>Error:" in visitor.text


def test_a_foreign_vat_number_is_looked_up_abroad(visitor):
    visitor.say(NUMBER, company_number="ATU73214504")
    assert "Laubengang Handels GmbH" in visitor.text
    assert "Austria" in visitor.text


def test_a_number_that_nobody_knows_lets_one_type(visitor):
    visitor.say(NUMBER, company_number="18547290")
    assert "does not know this number" in visitor.text
    visitor.say(COMPANY, name="Electro SRL", street="Lungă 1", city="Brașov", country="RO")
    assert visitor.at == EMAIL


def test_a_registry_that_is_down_holds_nobody_up(visitor, registry_down):
    visitor.say(NUMBER, company_number=CUI)
    assert "does not answer at the moment" in visitor.text
    visitor.say(COMPANY, name="Veranda", street="x 1", city="Brașov", country="RO")
    assert visitor.at == EMAIL


def test_a_company_without_any_number_is_typed(visitor):
    visitor.say(NUMBER, neither="1")
    assert "proof of registration" in visitor.text
    visitor.say(COMPANY, **TYPED)
    visitor.prove()
    client = Case.objects.get().client
    assert (client.name, client.country, client.registry_state) == ("Nordic Timber AS", "NO", "typed")


def test_what_the_registry_says_can_be_typed_anew(visitor):
    visitor.say(NUMBER, company_number=CUI)
    visitor.say(COMPANY, edit="1", number=CUI)
    assert 'value="VERANDA CONSTRUCT S.R.L."' in visitor.text
    visitor.say(COMPANY, **TYPED | {"name": "Veranda Nou SRL", "country": "RO"})
    visitor.prove()
    client = Case.objects.get().client
    assert (client.name, client.cui, client.registry_state) == ("Veranda Nou SRL", CUI, "typed")


@pytest.mark.parametrize("number", ["33082678", "49981239"])
def test_an_inactive_company_is_told_so_and_goes_on(visitor, number):
    visitor.say(NUMBER, company_number=number)
    assert "a person at our end will look at it" in visitor.text
    visitor.name_company(number)
    assert visitor.at == EMAIL


def test_nothing_personal_is_in_the_session_before_signing_in(visitor):
    visitor.name_company()
    visitor.say(EMAIL, email=ANA)
    assert ANA not in str(dict(visitor.session))


def test_whoever_skips_a_page_is_led_back_to_it(visitor):
    visitor.go(EMAIL)
    assert visitor.at == NUMBER
    visitor.go(COMPANY)
    assert visitor.at == NUMBER


def test_the_page_after_the_address_shows_where_the_code_went(visitor):
    visitor.name_company()
    visitor.say(EMAIL, email=ANA)
    assert visitor.at == CODE
    assert ANA in visitor.text


def test_a_known_address_and_a_new_one_are_answered_alike(visitor, another, ana):
    for one, email in ((visitor, ANA), (another, "new@nowhere.example")):
        one.name_company()
        one.say(EMAIL, email=email)
    assert visitor.text.count("six digits") == another.text.count("six digits") == 1


def test_a_half_address_is_explained(visitor):
    visitor.name_company()
    visitor.say(EMAIL, email="ana@")
    assert "not a whole address" in visitor.text


def test_a_wrong_code_says_how_many_tries_are_left(visitor):
    visitor.name_company()
    visitor.say(EMAIL, email=ANA)
    visitor.say(CODE, code="12")
    assert "six digits" in visitor.text
    wrong = f"{(int(visitor.code()) + 1) % 1_000_000:06}"
    visitor.say(CODE, code=wrong)
    assert "4 more times" in visitor.text


def test_a_code_tried_five_times_counts_no_more(visitor):
    visitor.name_company()
    visitor.say(EMAIL, email=ANA)
    right = visitor.code()
    for _ in range(5):
        visitor.say(CODE, code=f"{(int(right) + 1) % 1_000_000:06}")
    visitor.say(CODE, code=right)
    assert "counts no more" in visitor.text
    assert not Case.objects.exists()


def test_an_old_code_counts_no_more(visitor):
    visitor.name_company()
    visitor.say(EMAIL, email=ANA)
    code, row = visitor.code(), SignIn.objects.get()
    SignIn.objects.update(expires_at=row.created_at)
    visitor.say(CODE, code=code)
    assert "older than 10 minutes" in visitor.text


def test_a_sixth_code_within_the_hour_is_refused(visitor):
    visitor.name_company()
    for _ in range(6):
        visitor.say(EMAIL, email=ANA)
    assert "five codes to this address" in visitor.text


def test_another_code_can_be_sent(visitor):
    visitor.name_company()
    visitor.say(EMAIL, email=ANA)
    visitor.say("/apply/partner-registration/code/again/")
    assert "A new code is on its way" in visitor.text
    visitor.say(CODE, code=visitor.code())
    assert Case.objects.count() == 1


def test_one_network_address_cannot_ask_for_codes_without_end(visitor, monkeypatch):
    monkeypatch.setattr("pridvor.portal.door.CODES_FROM_ONE_PLACE", 0)
    visitor.name_company()
    visitor.say(EMAIL, email=ANA)
    assert "Too many codes" in visitor.text
    assert not Person.objects.exists()


def test_the_code_opens_the_case_with_the_company_in_it(visitor):
    visitor.name_company()
    before = visitor.session.session_key
    visitor.prove()
    case = Case.objects.get()
    assert visitor.at == at(case, "details", "contact")
    assert visitor.session.session_key != before
    assert (case.client.cui, case.client.registry_state) == (CUI, "confirmed")


def test_a_code_sent_twice_opens_one_case(visitor):
    visitor.name_company()
    visitor.say(EMAIL, email=ANA)
    code = visitor.code()
    visitor.say(CODE, code=code)
    visitor.say(CODE, code=code)
    assert Case.objects.count() == 1
    assert visitor.at == at(Case.objects.get())


def test_the_same_company_in_a_second_browser_goes_on_with_the_first_case(visitor, another):
    for one in (visitor, another):
        one.name_company()
        one.prove()
    assert Case.objects.count() == 1
    assert another.at == at(Case.objects.get(), "details", "contact")


def test_a_tab_left_open_confirms_the_company_that_it_shows(visitor):
    visitor.say(NUMBER, company_number="47503165")
    visitor.say(NUMBER, company_number=CUI)
    visitor.say(COMPANY, confirm="1", number="47503165")
    visitor.prove()
    assert Case.objects.get().client.cui == "47503165"


def test_whoever_is_under_way_chooses_to_go_on_or_to_begin_another(visitor, case):
    visitor.name_company("47503165")
    assert "You have begun before" in visitor.text
    visitor.say("/apply/partner-registration/begin/", another="1")
    assert sorted(Case.objects.values_list("client__cui", flat=True)) == ["47503165", CUI]


def test_every_field_is_kept_as_it_is_typed(visitor, another):
    visitor.name_company()
    visitor.prove()
    case = Case.objects.get()
    draft = visitor.post(
        at(case, "details", "draft"), {"field": "contact_name", "contact_name": "Ana Popescu"}
    )
    wrong = visitor.post(at(case, "details", "draft"), {"field": "phone", "phone": "07"})
    assert (draft.status_code, wrong.status_code) == (204, 422)
    another.come_back()
    another.go(at(case, "details"))
    assert 'value="Ana Popescu"' in another.text
    assert 'value="07"' in another.text


def test_wrong_answers_are_listed_and_kept(visitor):
    visitor.name_company()
    visitor.prove()
    case = Case.objects.get()
    visitor.say(at(case, "details", "contact"), contact_name="Ana", role="", phone="07")
    assert "Please check these answers" in visitor.text
    assert "too many or too few digits" in visitor.text
    assert 'value="Ana"' in visitor.text


def test_everything_is_shown_before_it_is_sent_and_can_be_changed(visitor):
    visitor.name_company()
    visitor.prove()
    case = Case.objects.get()
    visitor.say(at(case, "details", "contact"), **CONTACT)
    assert visitor.at == at(case, "details", "check")
    assert "+40 721 000 111" in visitor.text
    visitor.say(at(case, "details", "contact"), **CONTACT | {"contact_name": "Ana Ionescu"})
    assert visitor.at == at(case, "details", "check")
    assert "Ana Ionescu" in visitor.text


def test_sending_submits_and_notes_that_the_conditions_were_accepted(visitor, case):
    assert attempt(case, "details").status == "done"
    event = Event.objects.get(case=case, kind="terms.accepted")
    assert event.data["language"] == "en"
    assert set(Answer.objects.filter(case=case, ref__isnull=False).values_list("field", flat=True)) == {
        "contact_name",
        "phone",
    }
    assert visitor.at == at(case)


def test_sending_twice_sends_once(visitor, case):
    visitor.say(at(case, "details", "check"))
    assert "This part has been sent" in visitor.text
    assert Event.objects.filter(case=case, kind="terms.accepted").count() == 1


def test_changing_the_number_before_sending_brings_the_other_company(visitor):
    visitor.name_company()
    visitor.prove()
    case = Case.objects.get()
    visitor.say(at(case, "details", "number"), company_number="47503165")
    assert "PRISPA MOBILIER" in visitor.text
    visitor.say(at(case, "details", "contact"), **CONTACT)
    visitor.say(at(case, "details", "check"))
    case.client.refresh_from_db()
    assert (case.client.name, case.client.cui, case.client.registry_state) == (
        "PRISPA MOBILIER S.R.L.",
        "47503165",
        "confirmed",
    )
