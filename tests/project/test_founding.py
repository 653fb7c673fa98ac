"""`pridvor init`: from nothing, or from the demo, to an empty company with one administrator."""

import re

import pytest
from django.test import Client

from pridvor.accounts.models import Role, Staff
from pridvor.cases.models import Case
from pridvor.company.reading import company
from pridvor.journeys import queries as journeys
from pridvor.project import cast, cli, commands, demo, founding
from pridvor.sla.models import Calendar
from tests.conftest import NOW
from tests.desk.conftest import staff

SAID = {
    "--name": "Prispa Lemn SRL",
    "--country": "RO",
    "--language": "ro",
    "--email": "parteneri@prispa.ro",
    "--phone": "+40 268 555 100",
    "--admin-name": "Ioana Radu",
    "--admin-email": "ioana@prispa.ro",
    "--journeys": "partner-registration",
}


def init(**changed):
    given = {**SAID, **{f"--{name.replace('_', '-')}": said for name, said in changed.items()}}
    return cli.main(["init", *(part for pair in given.items() if pair[1] is not None for part in pair)])


@pytest.fixture(autouse=True)
def kept(settings, tmp_path):
    settings.DOCUMENTS, settings.OUTSIDE = tmp_path / "documents", [tmp_path / "evidence"]


def test_from_nothing_to_a_company_whose_administrator_comes_in_by_the_link(committed, capsys):
    assert init() == 0
    assert (company().name, company().email) == ("Prispa Lemn SRL", "parteneri@prispa.ro")
    assert Calendar.objects.get().latest.country == "RO"
    assert [journey.name for journey in journeys.newest()] == ["partner-registration"]
    ioana = Staff.objects.get()
    assert (ioana.role, ioana.is_active) == (Role.ADMINISTRATOR, False)
    link = re.search(r"/accounts/welcome/[\w-]+/", capsys.readouterr().out)[0]
    Client().post(link, {"password": "five-arches-in-the-sun", "again": "five-arches-in-the-sun"})
    ioana.refresh_from_db()
    assert ioana.is_active
    assert init() == 1, "there is a company now"


def test_a_lost_link_is_replaced_as_long_as_nobody_came(committed, capsys):
    init()
    first = capsys.readouterr().out
    assert init() == 0
    again = re.search(r"/accounts/welcome/[\w-]+/", capsys.readouterr().out)[0]
    assert again not in first
    assert Staff.objects.count() == 1


@pytest.mark.django_db
def test_mails_come_from_the_company_and_its_calendar_is_no_machines_guess():
    said = founding.Answers("Prispa", "RO", "ro", "noi@prispa.ro", "1", "Ioana", "ioana@prispa.ro", ())
    founding.found(said, now=NOW)
    assert company().sender == "Prispa <noi@prispa.ro>"
    assert [row.latest.made_by for row in Calendar.objects.all()] == ["machine:command-line"]


@pytest.mark.parametrize(
    "changed", [{"country": "XX"}, {"admin_email": "nobody"}, {"journeys": "x"}, {"name": None}]
)
def test_what_cannot_be_is_refused_before_anything_is_made(committed, changed, capsys):
    assert init(**changed) == 2
    assert not Staff.objects.exists()


def test_the_demo_is_left_only_by_typing_its_name(committed, settings, capsys):
    settings.DEMO = True
    commands.furnish()
    demo.Play(demo.STORIES[3], NOW).run()
    settings.DEMO = False
    assert init() == 1
    assert init(leave_demo="another") == 1
    assert Case.objects.exists()
    assert init(leave_demo=settings.COMPANY["name"]) == 0
    assert not Case.objects.exists()
    assert [one.email for one in Staff.objects.all()] == ["ioana@prispa.ro"]


def test_real_people_are_never_removed(committed, settings):
    staff(Role.OPERATOR, cast.STAFF[0].email)
    staff(Role.OPERATOR, "real@firma.ro")
    assert init(leave_demo=settings.COMPANY["name"]) == 1
    assert Staff.objects.count() == 2
