"""The demo's mailbox: real SMTP in, a sealed table behind."""

import pytest

from pridvor.notifications import letters, mailbox, post, queries
from pridvor.notifications.models import SandboxMail
from tests.conftest import NOW
from tests.peers.tryton import free_port


@pytest.fixture
def unblocked(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def box(unblocked, committed):
    controller = mailbox.start("127.0.0.1", free_port())
    yield f"smtp://127.0.0.1:{controller.port}"
    controller.stop()


def test_what_is_sent_to_the_mailbox_can_be_read_there(box):
    letter = letters.compose("code", "ro", {"code": "482 019"})
    post.send(box, post.Mail("ana@electroinstal.example", "ro", "<1@arcada.example>", NOW, letter))
    (mail,) = queries.sandbox_mail()
    assert (mail.to, mail.subject, mail.code) == ("ana@electroinstal.example", letter.subject, "482019")
    assert "Arcada" in mail.html
    assert b"ana@" not in bytes(SandboxMail.objects.get().sealed)


def test_a_mail_that_cannot_be_kept_is_not_taken(box, settings):
    settings.KEYS = {}
    letter = letters.compose("code", "ro", {"code": "482 019"})
    with pytest.raises(post.Unavailable):
        post.send(box, post.Mail("ana@electroinstal.example", "ro", "<1@arcada.example>", NOW, letter))
