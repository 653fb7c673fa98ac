"""The wholesaler's stories of the demo end where they say, by real actions alone."""

import pytest
from django.utils import timezone

from pridvor.cases import vouching
from pridvor.cases.models import Attempt, Case
from pridvor.checks import screening
from pridvor.connectors import reconciling
from pridvor.connectors.models import Call, Drift, Mirrored, Switch
from pridvor.desk import calls as desk_calls
from pridvor.notifications.models import Message
from pridvor.project import commands, playing, wholesale, wiring
from tests.conftest import person
from tests.wholesale import brought_in

pytestmark = pytest.mark.django_db
GRANTED, DELAYED, WAITING, UNDECIDED, NAMESAKE = wholesale.STORIES


@pytest.fixture
def played(settings):
    """Each story's case, by its story; the company of one of them has an administrator with us."""
    settings.DEMO = True
    commands.furnish()
    wiring.connect()
    brought_in(person("elena@tamplaria.example"))
    plays = wholesale.plays(timezone.now())
    for play in plays:
        with playing.reactions_at_once():
            play.run()
    return {play.story: Case.objects.get(pk=play.case.pk) for play in plays}


def calls(case):
    return {call.capability: call for call in Call.objects.filter(case=case)}


def letters(case):
    return set(Message.objects.filter(case=case).values_list("template", flat=True))


def test_the_shops_customers_stand_where_the_demonstration_wants_them(played):
    new = played[GRANTED]
    assert (new.state, new.end) == ("ended", "activated")
    assert {"shop-open", "credit-open"} <= letters(new)
    assert (calls(new)["erp.find_customer"].state, calls(new)["erp.find_customer"].tries) == ("done", 2)
    assert {row.field for row in Drift.objects.filter(state="open")} == {"street", "phone", "credit_limit"}

    delayed = played[DELAYED]
    assert calls(delayed)["erp.create_customer"].code == "archived-party"
    assert Attempt.objects.filter(case=delayed, key="create-by-hand@erp", status="open").exists()
    assert "delayed" in letters(delayed)
    assert desk_calls.verb(calls(delayed)["erp.create_customer"]) == "replay"

    assert vouching.is_waiting(played[WAITING])
    assert Attempt.objects.filter(case=played[UNDECIDED], key="decide", status="open").exists()
    assert not Switch.objects.exclude(mode="ok").exists()


def test_a_credit_that_is_still_weighed_is_no_difference_to_what_the_erp_holds(played):
    mirrored = Mirrored.objects.select_related("case__client").get(case=played[UNDECIDED], peer="erp")
    reconciling.compare(mirrored, now=timezone.now())
    assert not Drift.objects.filter(record=mirrored).exists()


def test_a_namesake_of_somebody_on_the_list_waits_for_compliance(played):
    assert Attempt.objects.filter(case=played[NAMESAKE], key="adjudicate@sanctions", status="open").exists()
    assert [one.entry for one in screening.latest(played[NAMESAKE])] == ["demo-vadim-intunecatu"]
