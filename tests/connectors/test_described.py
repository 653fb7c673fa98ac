"""Systems described in files: what a description may say, and what comes of it."""

import base64
import json
import os
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from pridvor.connectors import signatures
from pridvor.connectors.contract import Accepted, Place, Rejected, Unavailable, Uncertain
from pridvor.connectors.products import described, placeholders, rest, webhook
from pridvor.connectors.stand_ins.store import MemoryStore
from pridvor.project import cli
from pridvor.project.describing import SOMEBODY
from tests.conftest import ROOT

SHOP = """
kind: rest
system: depot
auth: {header: X-Api-Key}
verbs:
  open_account:
    find: {request: GET /accounts, query: {external: "{case.reference}"}, reference: items.0.id}
    make:
      request: POST /accounts
      body:
        external: "{case.reference}"
        says: "{client.name} of {client.city}"
        days: "{terms.payment_days}"
        email: "{person.email}"
        shelf: "{answers.shelf}"
      reference: id
      refused: [400, 409]
      refused_with: errors
      words: errors.0.message
    values: {route: route.code}
  close_account:
    find: {request: GET /accounts, query: {external: "{case.reference}"}, reference: items.0.id}
    change: {request: "DELETE /accounts/{reference}"}
  check:
    find: {request: "GET /contacts/{person.email}", reference: id}
    outcome: {at: state, of: [linked, loose], absent: unknown}
"""
ORDERS = """
kind: webhook
system: warehouse
verbs:
  prepare:
    body: {company: "{client.name}", plan: "{terms.plan}"}
    outcomes: [part]
    values: [shelf]
"""


class Depot:
    """A system that answers as the test says: by method and path, (status, body) or a failure."""

    def __init__(self, **answers):
        self.answers, self.asked = answers, []

    def __call__(self, request):
        self.asked.append(request)
        given = self.answers[request.method]
        if isinstance(given, list):
            given = given.pop(0)
        if isinstance(given, Exception):
            raise given
        status, body, *headers = given
        return httpx.Response(status, json=body, headers=dict(headers))


def connected(system, text=SHOP, key="k"):
    product = rest.product(described.load(text)) if text != ORDERS else webhook.product(described.load(text))
    place = Place("http://depot.example/v2", key, product.options())
    return product, closing(product.connect(place, httpx.MockTransport(system)))


def perform(system, verb="open_account", text=SHOP, customer=SOMEBODY):
    product, connection = connected(system, text)
    with connection as open_one:
        return product.verbs[verb].perform(open_one, customer)


NOTHING = (200, {"items": []})


# -- what a description may say


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            ("{client.name} of", "{client.nmae} of"),
            "line 10: verbs.open_account.make.body: {client.nmae}: no such name",
        ),
        (
            ("reference: id\n      ref", "refrence: id\n      ref"),
            "line 16: verbs.open_account.make.refrence",
        ),
        (
            ("POST /accounts", "POST accounts"),
            "line 9: verbs.open_account.make.request: “POST accounts”: write a method",
        ),
        (
            ("[400, 409]", "[400, 4x9]"),
            "line 8: verbs.open_account.make: 4x9: a status is a number such as 404",
        ),
        (("kind: rest", "kind: soap"), "line 1: a description says `kind: rest` or `kind: webhook`"),
        (("system: depot", "system: Depot 1"), "line 3: system"),
        (
            ("    outcome: {at: state, of: [linked, loose], absent: unknown}\n", ""),
            "line 24: verbs.check: `find` alone answers",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_line(change, said):
    with pytest.raises(described.BadDescription) as wrong:
        described.load(SHOP.replace(*change))
    assert said in str(wrong.value)


def test_what_would_be_made_twice_is_refused():
    blind = "kind: rest\nsystem: x\nverbs:\n  make_it:\n    make: {request: POST /a}\n"
    with pytest.raises(described.BadDescription) as wrong:
        described.load(blind)
    assert "line 4: verbs.make_it" in str(wrong.value)
    keyed = blind.replace("POST /a", 'POST /a, headers: {Idempotency-Key: "{case.reference}"}')
    assert described.load(keyed).verbs["make_it"].make


def test_yaml_that_is_more_than_data_is_refused():
    for text in ("a: &x 1\nb: *x", "a: !!python/object:os.system x", "[" * 50):
        with pytest.raises(described.BadDescription):
            described.load(text)


def test_every_description_of_the_guide_is_right_and_does_what_it_says():
    text = (ROOT / "docs" / "connectors.md").read_text("utf-8")
    examples = [block.partition("```")[0] for block in text.split("```yaml\n")[1:]]
    assert len(examples) >= 2
    for example in examples:
        described.load(example)


def test_every_published_name_stands_in_the_guide():
    text = (ROOT / "docs" / "connectors.md").read_text("utf-8")
    for name, _words in placeholders.published():
        assert f"`{name}`" in text, name


def test_the_schema_takes_what_the_reader_takes():
    assert {kind["properties"]["kind"]["const"] for kind in described.schema()["oneOf"]} == {
        "rest",
        "webhook",
    }


def test_a_folder_is_read_whole_and_names_the_file_that_is_wrong(tmp_path):
    (tmp_path / "a.yaml").write_text(SHOP)
    (tmp_path / "b.yaml").write_text(ORDERS)
    assert [each.role for each in described.read(tmp_path).values()] == ["depot", "warehouse"]
    (tmp_path / "c.yaml").write_text("kind: rest\n")
    with pytest.raises(described.BadDescription, match=r"c\.yaml: line 1"):
        described.read(tmp_path)


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("system: erp", "erp is the role of other systems; write the system's own name, and `plays: erp`"),
        ("system: tryton\nplays: erp", "another tryton plays erp already"),
        ("system: old_books\nplays: erp", "the address begins with it: old-books+https://"),
    ],
)
def test_an_address_means_one_system(tmp_path, capsys, head, said):
    file = tmp_path / "books.yaml"
    file.write_text(SHOP.replace("system: depot", head))
    assert cli.main(["connector", "check", str(file)]) == 1
    assert said in capsys.readouterr().out


def test_pridvor_does_not_start_with_a_description_that_is_wrong_and_says_which(
    tmp_path, monkeypatch, capsys
):
    (tmp_path / "a.yaml").write_text(SHOP)
    (tmp_path / "b.yaml").write_text(SHOP)
    monkeypatch.setenv("PRIDVOR_CONNECTORS", str(tmp_path))
    started = subprocess.run(
        [sys.executable, "-m", "pridvor", "connector", "schema"], capture_output=True, text=True, cwd=ROOT
    )
    assert (started.returncode, started.stdout) == (2, "")
    assert started.stderr.splitlines() == [
        f"PRIDVOR_CONNECTORS, {tmp_path}:",
        "b.yaml: system: depot is described by another file already; give this one a name of its own",
    ]


def test_the_command_line_checks_and_tries(tmp_path, capsys):
    file = tmp_path / "depot.yaml"
    file.write_text(SHOP)
    assert cli.main(["connector", "check", str(file)]) == 0
    assert cli.main(["connector", "try", str(file)]) == 0
    said = capsys.readouterr().out
    assert '> POST /accounts  {"external":"PR-2026-000001"' in said
    assert said.count("> POST /accounts ") == 1, "the second time it is found"
    file.write_text(SHOP.replace("kind: rest", "kind: soap"))
    assert cli.main(["connector", "check", str(file)]) == 1


# -- what comes of it


def test_what_is_not_there_is_made_with_the_names_filled_in():
    depot = Depot(GET=NOTHING, POST=(201, {"id": 7, "route": {"code": "B2"}}))
    answer = perform(depot)
    assert (answer.how, answer.reference, answer.values) == ("created", "7", {"route": "B2"})
    look, make = depot.asked
    assert (look.url.path, look.url.params["external"]) == ("/v2/accounts", "PR-2026-000001")
    assert look.headers["X-Api-Key"] == "k"
    assert json.loads(make.content) == {
        "external": "PR-2026-000001",
        "says": "SC Electro Instal SRL of Brașov",
        "days": 30,
        "email": "ana@electroinstal.example",
    }


def test_what_is_there_is_not_made_again():
    depot = Depot(GET=(200, {"items": [{"id": "7"}]}))
    assert (perform(depot).how, len(depot.asked)) == ("found", 1)


def test_an_error_after_the_effect_is_read_again():
    depot = Depot(GET=[NOTHING, (200, {"items": [{"id": "7"}]})], POST=(500, {}))
    assert perform(depot).reference == "7"


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        ((409, {"errors": [{"message": "taken"}]}), Rejected, "status-409"),
        ((200, {"errors": [{"message": "no"}]}), Rejected, "status-200"),
        ((429, {}, ("Retry-After", "7")), Unavailable, "http-429"),
        ((425, {}), Unavailable, "status-425"),
        ((503, {}), Uncertain, "status-503"),
        ((502, {}), Uncertain, "status-502"),
        ((302, {}), Uncertain, "status-302"),
        ((401, {}), Unavailable, "key-refused"),
        (httpx.ConnectError("down"), Unavailable, "no-connection"),
        (httpx.ReadTimeout("late"), Uncertain, "answer-lost"),
    ],
)
def test_an_answer_means_what_the_description_says(answer, kind, code):
    with pytest.raises(kind) as failed:
        perform(Depot(GET=NOTHING, POST=answer))
    assert failed.value.code == code


def test_a_refusal_explains_itself_with_personal_values_masked():
    words = {"errors": [{"message": "ana@electroinstal.example is blocked"}]}
    with pytest.raises(Rejected) as refused:
        perform(Depot(GET=NOTHING, POST=(400, words)))
    assert refused.value.words == "a…@electroinstal.example is blocked"


def test_looking_that_fails_makes_nothing():
    depot = Depot(GET=(502, {}))
    with pytest.raises(Unavailable):
        perform(depot)
    assert len(depot.asked) == 1


def test_what_is_there_is_changed_under_its_number_and_what_is_gone_is_done():
    depot = Depot(GET=(200, {"items": [{"id": "a/7"}]}), DELETE=(204, None))
    assert perform(depot, "close_account").how == "found"
    assert depot.asked[-1].url.raw_path == b"/v2/accounts/a%2F7"
    assert perform(Depot(GET=NOTHING), "close_account").how == "gone"


def test_a_question_ends_with_what_the_answer_says():
    assert perform(Depot(GET=(200, {"id": 1, "state": "loose"})), "check").outcome == "loose"
    assert perform(Depot(GET=(404, {})), "check").outcome == "unknown"
    with pytest.raises(Rejected):
        perform(Depot(GET=(200, {"id": 1, "state": "odd"})), "check")


def test_only_what_a_verb_names_is_opened_in_the_vault():
    verbs = rest.product(described.load(SHOP)).verbs
    assert {name: verb.personal for name, verb in verbs.items()} == {
        "open_account": ("email",),
        "close_account": (),
        "check": ("email",),
    }
    assert verbs["check"].outcomes == {"linked", "loose", "unknown"}


def test_client_credentials_are_exchanged_for_a_token():
    text = SHOP.replace("auth: {header: X-Api-Key}", "auth: {oauth: {token: /token, scope: all}}")
    depot = Depot(POST=(200, {"access_token": "t"}), GET=(200, {"items": [{"id": "7"}]}))
    product, connection = connected(depot, text, key="id:secret")
    with connection as open_one:
        product.verbs["open_account"].perform(open_one, SOMEBODY)
    token, look = depot.asked
    assert token.headers["Authorization"] == "Basic " + base64.b64encode(b"id:secret").decode()
    assert look.headers["Authorization"] == "Bearer t"


@pytest.mark.parametrize(("status", "code"), [(500, "http-500"), (429, "http-429"), (400, "no-token")])
def test_only_a_token_that_is_denied_is_called_a_matter_of_the_key(status, code):
    text = SHOP.replace("auth: {header: X-Api-Key}", "auth: {oauth: {token: /token}}")
    product, connection = connected(Depot(POST=(status, {})), text, key="id:secret")
    with connection as open_one, pytest.raises(Unavailable) as failed:
        product.verbs["open_account"].perform(open_one, SOMEBODY)
    assert failed.value.code == code


def test_a_dry_stand_in_finds_what_was_made():
    product = rest.product(described.load(SHOP))
    store = MemoryStore()
    for how in ("created", "found"):
        place = Place("http://x", "k", product.options())
        with closing(product.connect(place, product.stand_in(store, lambda: "ok"))) as connection:
            assert product.verbs["open_account"].perform(connection, SOMEBODY).how == how


# -- orders by webhook


def test_an_order_is_signed_and_its_answer_is_what_it_says():
    depot = Depot(
        POST=(200, {"state": "done", "reference": "W-1", "outcome": "part", "values": {"shelf": 3}})
    )
    answer = perform(depot, "prepare", ORDERS)
    assert (answer.reference, answer.outcome, answer.values) == ("W-1", "part", {"shelf": 3})
    (request,) = depot.asked
    order = json.loads(request.content)
    assert (order["order"], order["type"]) == ("PR-2026-000001.prepare", "warehouse.prepare")
    assert order["data"] == {"company": "SC Electro Instal SRL", "plan": "standard"}
    assert request.headers["webhook-id"].startswith("PR-2026-000001.prepare.")
    assert request.headers["webhook-signature"].startswith("v1,")


def test_the_signature_is_the_standards():
    """The example of the specification's own libraries."""
    headers = signatures.standard(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        b'{"test": 2432232314}',
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ((202, {}), Accepted),
        ((200, {"state": "accepted", "reference": "W-1"}), Accepted),
        ((200, {"state": "refused"}), Rejected),
        ((200, {"state": "done", "outcome": "odd"}), Rejected),
        ((422, {"words": "no"}), Rejected),
        ((500, {}), Uncertain),
        ((429, {}), Unavailable),
    ],
)
def test_an_order_that_is_not_done_at_once(answer, kind):
    with pytest.raises(kind):
        perform(Depot(POST=answer), "prepare", ORDERS)


def test_other_data_is_another_message_of_the_same_order():
    depot = Depot(POST=(200, {"state": "done"}))
    perform(depot, "prepare", ORDERS)
    perform(depot, "prepare", ORDERS)
    perform(depot, "prepare", ORDERS, replace(SOMEBODY, plan="gold"))
    ids = [request.headers["webhook-id"] for request in depot.asked]
    assert ids[0] == ids[1] != ids[2]


def test_the_folder_of_an_installation_adds_to_what_journeys_may_name(tmp_path):
    """In a process of its own: the table of products is made when the house starts."""
    (tmp_path / "depot.yaml").write_text(SHOP)
    code = (
        "import django; django.setup()\n"
        "from pridvor.project.wiring import VOCABULARY\n"
        "print(sorted(VOCABULARY.capabilities['depot.check']))"
    )
    env = {
        **os.environ,
        "PRIDVOR_CONNECTORS": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "pridvor.project.settings_test",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "['linked', 'loose', 'unknown']"
