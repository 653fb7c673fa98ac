"""A client made of the served description by somebody else's generator drives a whole application: the document is right."""

import importlib
import json
import sys
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from openapi_python_client import Config, generate
from openapi_python_client.config import ConfigFile, MetaType

from pridvor.cases import actions as cases
from pridvor.cases import queries
from pridvor.cases.models import Case
from tests.api.conftest import machine
from tests.conftest import NOW, WORKER, partner_registration
from tests.partner import IBAN, ITEMS, good

pytestmark = pytest.mark.django_db
NAME = "pridvor_client"


@pytest.fixture
def package(db, tmp_path):
    """The generated package, imported."""
    folder = tmp_path
    document = folder / "openapi.json"
    document.write_text(json.dumps(Client().get("/api/v1/openapi.json").json()))
    file = ConfigFile(post_hooks=[], package_name_override=NAME)
    config = Config.from_sources(
        file,
        MetaType.NONE,
        document_source=document,
        file_encoding="utf-8",
        overwrite=True,
        output_path=folder / NAME,
    )
    assert [str(error) for error in generate(config=config)] == []
    sys.path.insert(0, str(folder))
    yield importlib.import_module(NAME)
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.startswith(NAME)]:
        del sys.modules[name]


@pytest.fixture
def connections_stay(package):
    """A real server gives connections back after each request; here all requests share the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def operation(name):
    """A generated operation by its module: `cases.open_case`, say."""
    return importlib.import_module(f"{NAME}.api.{name}")


def test_it_registers_a_partner_from_the_form_to_the_approval(package, connections_stay):
    partner_registration()
    models = importlib.import_module(f"{NAME}.models")
    types = importlib.import_module(f"{NAME}.types")
    calls = package.AuthenticatedClient(
        base_url="http://localhost",
        token=machine().secret,
        raise_on_unexpected_status=True,
        httpx_args={"transport": httpx.WSGITransport(app=get_wsgi_application())},
    )
    journey = operation("journeys.read_journey").sync(client=calls, name="partner-registration")
    assert [form.step for form in journey.forms] == ["details", "bank"]
    answers = {
        "street": "Str. Scurtă 1",
        "city": "Cluj-Napoca",
        "contact_name": "Ioana Radu",
        "role": "administrator",
        "phone": "+40 721 000 222",
    }
    new = models.NewCase(
        journey=journey.name,
        company=models.CompanyGiven(name="Lumina Electric SRL", country="RO"),
        email="ioana@lumina.example",
        answers=models.NewCaseAnswers.from_dict(answers),
        send=True,
        agreed_to_terms=True,
    )
    case = operation("cases.open_case").sync(client=calls, body=new, idempotency_key="order-1")
    again = operation("cases.open_case").sync(client=calls, body=new, idempotency_key="order-1")
    assert case.id == again.id
    form = models.FormSent(answers=models.FormSentAnswers.from_dict({"iban": IBAN}))
    operation("answers.send_form").sync(client=calls, case=case.id, step="bank", body=form)
    for item in ITEMS:
        file = operation("documents.upload_document").sync(
            client=calls,
            case=case.id,
            step="collect",
            item=item,
            name=f"{item}.pdf",
            body=types.File(payload=BytesIO(good(item))),
        )
        assert file.state.value == "quarantined"
    sent = operation("documents.send_documents").sync(client=calls, case=case.id, step="collect")
    assert [step.step for step in sent.open_steps] == ["screen"]
    ours = Case.objects.get()
    cases.complete(queries.open_attempt(ours, "screen"), "ok", actor=WORKER, now=NOW)
    refused = operation("steps.decide_step").sync(
        client=calls, case=case.id, step="verify", body=models.Decision(outcome="reject")
    )
    assert (refused.code, refused.fields[0].field) == ("wrong-fields", "reasons")
    approved = operation("steps.decide_step").sync(
        client=calls, case=case.id, step="verify", body=models.Decision(outcome="approve")
    )
    assert approved.open_steps[0].step == "erp"
    feed = operation("events.list_events").sync(client=calls)
    assert {"case.opened", "document.sent", "step.completed"} <= {event.kind for event in feed.events}
    assert Path(package.__file__).is_file()
