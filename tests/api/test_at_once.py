"""Several requests with one Idempotency-Key at one moment: real transactions, so these tests commit."""

import threading

from django.db import connections

from pridvor.cases.models import Case
from tests.api.conftest import Machine, machine
from tests.api.test_manners import NEW
from tests.conftest import partner_registration


def test_of_two_requests_with_one_key_at_one_moment_one_happens(committed):
    partner_registration()
    shop, found = machine(), []

    def send():
        caller = Machine(shop.secret)
        answer = caller.post("/api/v1/cases/", NEW, "application/json", headers={"Idempotency-Key": "both"})
        found.append((answer.status_code, answer.json().get("id")))
        connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Case.objects.count() == 1
    assert len(set(found)) == 1, found
    assert found[0][0] == 201
