"""Events on their way to somebody's address: signed, tried again, resent, given up; and never to a private one."""

import http.server
import json
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob
from standardwebhooks import Webhook

from pridvor.accounts import machines
from pridvor.accounts.models import Region, Role, Scope
from pridvor.cases import actions as cases
from pridvor.cases import store
from pridvor.cases.models import Event
from pridvor.connectors import webhooks
from pridvor.connectors.models import Delivery, Hook
from pridvor.connectors.webhooks import CannotSubscribe
from pridvor.lib import clock
from pridvor.notifications.models import Message
from pridvor.project import wiring
from tests.api.conftest import ADINA, machine
from tests.conftest import CARMEN, NOW
from tests.desk.conftest import staff
from tests.partner import Partner

pytestmark = pytest.mark.django_db


class Receiver(http.server.BaseHTTPRequestHandler):
    """Keeps what it gets and answers as it is told."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.got.append((dict(self.headers), body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 204)
        self.end_headers()

    def log_message(self, *said):
        pass


@pytest.fixture
def receiver(settings):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.got, server.answers = [], []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.PROBE_ALLOW = (f"127.0.0.1:{server.server_port}", "127.0.0.1/32")
    yield server
    server.shutdown()
    server.server_close()


def subscribed(receiver, kinds=("case.paused",), **chosen):
    made = machine(Scope.WEBHOOKS_WRITE, **chosen).made
    url = f"http://127.0.0.1:{receiver.server_port}/events"
    return webhooks.subscribe(made, url, kinds, actor=ADINA, now=NOW)


def pause(ours):
    cases.pause(ours.case, "stock taking", actor=CARMEN, now=NOW)
    return Event.objects.filter(case=ours.case, kind="case.paused").latest("id")


def at(delivery):
    delivery.refresh_from_db()
    return delivery.next_at


def test_an_event_makes_a_job_only_while_somebody_asks_for_its_kind(receiver, ana):
    wiring.connect()
    ours = Partner(ana)
    jobs = ProcrastinateJob.objects.filter(task_name=store.TASK, args__reaction="connectors.tell")
    with CaptureQueriesContext(connection) as without:
        pause(ours)
    assert not jobs.exists()
    cases.resume(ours.case, actor=CARMEN, now=NOW)
    made = subscribed(receiver)
    with CaptureQueriesContext(connection) as asked:
        event = pause(ours)
    assert [job.args["event"] for job in jobs] == [event.pk], "resuming was nobody's wish"
    assert len(asked) == len(without)
    webhooks.end(made.hook, "removed", now=NOW)
    cases.resume(ours.case, actor=CARMEN, now=NOW)
    pause(ours)
    assert jobs.count() == 1


def test_an_event_arrives_signed_with_ids_and_states_and_nothing_personal(receiver, ana):
    made, ours = subscribed(receiver), Partner(ana)
    event = pause(ours)
    webhooks.tell(event, now=NOW)
    webhooks.tell(event, now=NOW)
    (delivery,) = Delivery.objects.all()
    now = clock.now()
    Delivery.objects.update(next_at=now)
    webhooks.deliver(delivery.pk, now=now)
    ((headers, body),) = receiver.got
    said = Webhook(made.secret).verify(body, headers)
    assert said["type"] == "case.paused"
    assert said["data"]["case"]["id"] == str(ours.case.public_id)
    assert "Ana" not in body
    assert "stock" not in body, "a reason is free text"
    delivery.refresh_from_db()
    assert (delivery.state, delivery.status, delivery.tries) == ("delivered", 204, 1)


def test_it_is_tried_again_at_growing_distances_under_the_same_id(receiver, ana):
    subscribed(receiver)
    receiver.answers = [500, 503]
    webhooks.tell(pause(Partner(ana)), now=NOW)
    delivery = Delivery.objects.get()
    webhooks.deliver(delivery.pk, now=NOW)
    first = at(delivery) - NOW
    assert timedelta(seconds=4) <= first <= timedelta(seconds=6)
    webhooks.deliver(delivery.pk, now=NOW)
    assert len(receiver.got) == 1, "it is not due yet"
    again = NOW + first
    webhooks.deliver(delivery.pk, now=again)
    assert timedelta(seconds=24) <= at(delivery) - again <= timedelta(seconds=36)
    webhooks.deliver(delivery.pk, now=again + timedelta(minutes=1))
    assert len({headers["webhook-id"] for headers, _body in receiver.got}) == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries) == ("delivered", 3)
    assert Hook.objects.get().failing_since is None


def test_after_days_of_failure_the_address_is_ended_and_administrators_are_told(receiver, ana):
    staff(Role.ADMINISTRATOR)
    subscribed(receiver)
    receiver.answers = [500] * 50
    webhooks.tell(pause(Partner(ana)), now=NOW)
    delivery, now = Delivery.objects.get(), NOW
    while at(delivery) is not None and Hook.objects.get().ended_at is None:
        now = at(delivery)
        webhooks.deliver(delivery.pk, now=now)
        if delivery.tries > 20:
            pytest.fail("it never gives up")
        delivery.refresh_from_db()
    if Hook.objects.get().ended_at is None:
        webhooks.resend(delivery, now=NOW + timedelta(days=4))
        webhooks.deliver(delivery.pk, now=NOW + timedelta(days=4))
    hook = Hook.objects.get()
    assert hook.why_ended == "failing"
    assert Message.objects.get().template == "hook-ended"


def test_an_address_that_is_gone_is_ended_at_once(receiver, ana):
    subscribed(receiver)
    receiver.answers = [410]
    webhooks.tell(pause(Partner(ana)), now=NOW)
    webhooks.deliver(Delivery.objects.get().pk, now=NOW)
    assert Hook.objects.get().why_ended == "gone"
    assert Delivery.objects.get().state == "failed"


def test_while_a_secret_is_exchanged_both_sign_and_then_the_new_one_alone(receiver):
    made = subscribed(receiver)
    now = clock.now()
    new = webhooks.rotate(made.hook, now=now)
    webhooks.deliver(webhooks.send_test(made.hook, now=now).pk, now=now)
    headers, body = receiver.got[-1]
    for secret in (made.secret, new):
        assert Webhook(secret).verify(body, headers)["type"] == "test.sent"
    hook = Hook.objects.get()
    hook.old_until = now - timedelta(seconds=1)
    hook.save()
    webhooks.deliver(webhooks.send_test(hook, now=now).pk, now=now)
    headers, body = receiver.got[-1]
    assert len(headers["webhook-signature"].split()) == 1
    assert Webhook(new).verify(body, headers)


def test_a_machine_is_told_of_cases_that_exist_for_it_alone(receiver, ana):
    Region.objects.create(code="south", name={"en": "South"}, covers=["RO"])
    Region.objects.create(code="north", name={"en": "North"}, covers=[])
    south, north = subscribed(receiver, regions=["south"]), subscribed(receiver, regions=["north"])
    trying, revoked = subscribed(receiver, is_test=True), subscribed(receiver)
    machines.revoke(revoked.hook.machine, actor=ADINA, now=NOW)
    webhooks.tell(pause(Partner(ana)), now=NOW)
    assert [row.hook_id for row in Delivery.objects.all()] == [south.hook.pk]
    assert {north.hook.pk, trying.hook.pk, revoked.hook.pk}


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://intranet.example/", "private"),
        ("http://shop.example/", "https"),
        ("ftp://shop.example/", "scheme"),
        ("https://shop.example:22/", "port"),
        ("https://user:word@shop.example/", "address"),
    ],
)
def test_addresses_that_may_not_be_called_are_refused(db, url, code):
    def resolve(host, port):
        return ["10.0.0.5"] if host.startswith("intranet") else ["93.184.216.34"]

    with pytest.raises(CannotSubscribe) as refused:
        webhooks.subscribe(machine().made, url, ["case.opened"], actor=ADINA, now=NOW, resolve=resolve)
    assert refused.value.code == code


def test_an_address_that_turns_private_later_is_not_called(receiver, ana, settings):
    subscribed(receiver)
    webhooks.tell(pause(Partner(ana)), now=NOW)
    settings.PROBE_ALLOW = ()
    webhooks.deliver(Delivery.objects.get().pk, now=NOW)
    assert receiver.got == []
    assert Delivery.objects.get().code in ("private", "port")


def test_a_lost_job_is_found_again_and_old_deliveries_are_forgotten(receiver, ana):
    subscribed(receiver)
    webhooks.tell(pause(Partner(ana)), now=NOW)
    assert webhooks.sweep(now=NOW + timedelta(minutes=2)) == 1
    Delivery.objects.update(state="delivered", next_at=None)
    webhooks.sweep(now=NOW + timedelta(days=31))
    assert not Delivery.objects.exists()


def test_over_the_api_an_address_is_made_tried_listed_and_removed(receiver, settings):
    shop = machine()
    url = f"http://127.0.0.1:{receiver.server_port}/events"
    made = shop.do("/webhooks/", {"url": url, "kinds": ["case.opened"]}, 201, Idempotency_Key="one")
    again = shop.do("/webhooks/", {"url": url, "kinds": ["case.opened"]}, 201, Idempotency_Key="one")
    assert made == again
    assert made["secret"].startswith("whsec_")
    assert "secret" not in json.dumps(shop.ask("/webhooks/")["hooks"])
    sent = shop.do(f"/webhooks/{made['id']}/test/", status=201)
    webhooks.deliver(Delivery.objects.get().pk, now=clock.now())
    (row,) = shop.ask(f"/webhooks/{made['id']}/deliveries/")["deliveries"]
    assert (row["id"], row["state"]) == (sent["id"], "delivered")
    assert shop.do(f"/webhooks/{made['id']}/deliveries/{row['id']}/resend/")["state"] == "queued"
    machine().do(f"/webhooks/{made['id']}/test/", status=404)
    assert shop.do(f"/webhooks/{made['id']}/rotate/")["secret"] != made["secret"]
    assert shop.do(f"/webhooks/{made['id']}/remove/")["hooks"] == []
    settings.PROBE_ALLOW = ()
    refused = shop.do("/webhooks/", {"url": "https://127.0.0.1/", "kinds": ["case.opened"]}, 422)
    assert (refused["code"], refused["reason"]) == ("bad-address", "private")


def test_what_waits_for_a_machine_that_is_revoked_is_not_sent(receiver, ana):
    ours, hook = Partner(ana), subscribed(receiver).hook
    webhooks.tell(pause(ours), now=NOW)
    machines.revoke(hook.machine, actor=ADINA, now=NOW)
    delivery = Delivery.objects.get()
    webhooks.deliver(delivery.pk, now=NOW)
    delivery.refresh_from_db()
    hook.refresh_from_db()
    assert receiver.got == []
    assert (delivery.state, hook.why_ended) == ("failed", "removed")
