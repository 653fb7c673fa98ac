"""Two connections that send the same piece at once, on a database that really commits."""

import io
import os
import threading

import pytest
from django.db import connections

from pridvor.cases import actions as cases
from pridvor.documents import actions
from pridvor.documents.models import File, Part
from tests.conftest import NOW, actor_of, client_of, partner_registration, person
from tests.documents import corpus


@pytest.fixture
def unwrapped(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        yield


def test_of_two_writers_at_once_one_wins(unwrapped, committed, settings, tmp_path):
    settings.DOCUMENTS = tmp_path
    ana = person("ana@electroinstal.example")
    case = cases.open_case(
        partner_registration(), client_of(ana), ana, language="ro", actor=actor_of(ana), now=NOW
    )
    content = corpus.typeset() + os.urandom(3_000_000)
    given = {"name": "a.pdf", "declared_type": "", "length": len(content), "actor": actor_of(ana), "now": NOW}
    file = actions.begin(case, "collect", "contract", **given)
    outcomes: list[str] = []
    start = threading.Barrier(4)

    def write() -> None:
        mine = File.objects.select_related("document__case").get(pk=file.pk)
        start.wait()
        try:
            outcomes.append(str(actions.receive(mine, 0, io.BytesIO(content[:2_000_000]), now=NOW)))
        except (actions.Busy, actions.WrongOffset) as error:
            outcomes.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("2000000") == 1
    assert len(outcomes) == 4
    assert Part.objects.count() == 1
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1
