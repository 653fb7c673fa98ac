import pytest

from pridvor.cases import actions as cases
from pridvor.cases.models import Attempt
from tests.conftest import NOW, actor_of, client_of, partner_registration
from tests.peers import mail


@pytest.fixture
def server(settings):
    """A mail server, and the settings that name it."""
    with mail.running() as running:
        settings.SMTP_URL = running.url
        yield running


@pytest.fixture
def case(ana):
    """A partner's registration whose form is filled in."""
    case = cases.open_case(
        partner_registration(), client_of(ana), ana, language="ro", actor=actor_of(ana), now=NOW
    )
    details = Attempt.objects.get(case=case, key="details")
    cases.submit(
        details,
        {"role": "administrator"},
        {"contact_name": "Ana Pop", "phone": "+40721000111"},
        actor=actor_of(ana),
        now=NOW,
    )
    return case
