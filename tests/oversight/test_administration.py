"""The administrator's pages: staff are invited and cut off, the company has its look, systems are set and tested."""

import io
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import Error, connection, transaction
from django.test import Client
from PIL import Image

from pridvor.accounts import invitations
from pridvor.accounts.models import Absence, Region, Role, Staff, StaffEvent
from pridvor.company import accent, actions, systems
from pridvor.company.models import Revision, Secret
from pridvor.company.reading import company
from pridvor.lib import clock
from pridvor.ui import palette
from tests.conftest import CARMEN, NOW, REFUSED
from tests.desk.conftest import Desk, staff

pytestmark = pytest.mark.django_db
HOME = "/oversight/administration/"
PASSWORD = "five-arches-in-the-sun"
NEW = {"name": "Ioana Radu", "email": "ioana@arcada.example", "role": "operator", "language": "en"}


@pytest.fixture
def adina():
    return Desk(staff(Role.ADMINISTRATOR))


@pytest.fixture
def carmen():
    return staff(Role.OPERATOR)


def of(person, verb=""):
    return f"{HOME}staff/{person.public_id}/{verb}"


def link_in(page):
    return re.search(r"/accounts/welcome/[\w-]+/", page.content.decode())[0]


def invite(adina, **changed):
    return adina.post(f"{HOME}staff/invite/", {**NEW, **changed})


class TestStaff:
    def test_whoever_is_invited_chooses_a_password_once_and_is_led_to_sign_in(self, adina):
        link = link_in(invite(adina))  # no mail server: the link is shown
        ioana = Staff.objects.get(email=NEW["email"])
        assert not ioana.is_active
        visitor = Client()
        weak = visitor.post(link, {"password": "short", "again": "short"})
        assert weak.status_code == 422
        there = visitor.post(link, {"password": PASSWORD, "again": PASSWORD})
        assert there["Location"] == "/accounts/login/"
        ioana.refresh_from_db()
        assert (ioana.is_active, ioana.check_password(PASSWORD)) == (True, True)
        assert Client().get(link).status_code == 404
        assert list(StaffEvent.objects.values_list("kind", flat=True)) == ["staff.invited", "staff.came"]

    def test_a_link_is_over_after_three_days_void_after_a_new_one_and_after_revoking(self, carmen):
        someone, first = invitations.invite(
            "x@arcada.example", name="X", role=Role.OPERATOR, language="ro", actor=CARMEN, now=NOW
        )
        assert invitations.whose(first, NOW + timedelta(days=3)) is None
        second = invitations.renew(someone, actor=CARMEN, now=NOW)
        assert invitations.whose(first, NOW) is None
        assert invitations.whose(second, NOW) == someone
        invitations.revoke(someone, actor=CARMEN, now=NOW)
        assert invitations.whose(second, NOW) is None

    def test_an_address_is_invited_once(self, adina, carmen):
        assert invite(adina, email=carmen.email.upper()).status_code == 422

    def test_a_disabled_person_is_out_at_once_and_can_come_back(self, adina, carmen):
        desk = Desk(carmen)
        adina.post(of(carmen, "disable/"))
        assert desk.get("/desk/")["Location"].startswith("/accounts/login/")
        adina.post(of(carmen, "enable/"))
        carmen.refresh_from_db()
        assert carmen.is_active

    def test_rights_change_with_a_fresh_proof_only(self, adina, carmen):
        adina.prove(ago=3600)
        assert adina.post(of(carmen, "rights/"), {"role": "manager"}).status_code == 403
        adina.prove()
        adina.post(of(carmen, "rights/"), {"role": "manager"})
        carmen.refresh_from_db()
        assert carmen.role == "manager"
        assert "operator" in adina.text(f"{HOME}changes/")

    def test_nobody_changes_their_own_rights_or_resets_themselves(self, adina):
        for verb, said in (("rights/", {"role": "operator"}), ("disable/", {}), ("reset/", {})):
            adina.post(of(adina.person, verb), said)
        adina.person.refresh_from_db()
        assert (adina.person.role, adina.person.is_active) == ("administrator", True)
        assert not StaffEvent.objects.exists()

    def test_a_reset_takes_password_factors_and_sessions_and_gives_a_link(self, adina, carmen):
        desk = Desk(carmen)
        link = link_in(adina.post(of(carmen, "reset/")))
        carmen.refresh_from_db()
        assert not carmen.has_usable_password()
        assert not carmen.authenticator_set.exists()
        assert desk.get("/desk/").status_code == 302
        Client().post(link, {"password": PASSWORD, "again": PASSWORD})
        carmen.refresh_from_db()
        assert carmen.check_password(PASSWORD)

    def test_an_absence_is_noted_with_who_stands_in_and_ended(self, adina, carmen):
        said = {"from_on": "2026-12-01", "until_on": "2026-12-03", "reason": "holiday"}
        adina.post(of(carmen, "absence/"), {**said, "substitute": str(adina.person.public_id)})
        row = Absence.objects.get()
        assert (row.until_at - row.from_at, row.substitute) == (timedelta(days=3), adina.person)
        adina.post(of(carmen, f"absence/{row.pk}/end/"))
        assert not Absence.objects.filter(until_at__gt=clock.now()).exists()


class TestCompany:
    def said(self, **changed):
        ours = company()
        return {name: getattr(ours, name) for name in ours.__dataclass_fields__ if name != "logo"} | changed

    def test_a_new_name_stands_on_pages_at_once_and_in_the_ledger(self, adina):
        adina.post(f"{HOME}company/", self.said(name="Prispa Lemn"))
        assert "Prispa Lemn" in Client().get("/").content.decode()
        assert "Prispa Lemn" in adina.text(f"{HOME}changes/")

    def test_a_colour_that_cannot_be_read_is_refused_with_the_nearest_that_can(self, adina):
        answer = adina.post(f"{HOME}company/", self.said(accent="#ffcc00"))
        assert answer.status_code == 422
        nearest = re.search(r"#[0-9a-f]{6}(?=\s*<)", answer.content.decode().split("nearest")[1])[0]
        accent.check(nearest)
        adina.post(f"{HOME}company/", self.said(accent=nearest))
        assert f"/company.css?{nearest[1:]}" in Client().get("/").content.decode()
        assert "--lch-clay:" in Client().get("/company.css").content.decode()

    @pytest.mark.parametrize("colour", ["#1b5e20", "#0b3d91", "#7a0050", "#000000", "#a14b2e"])
    def test_every_colour_that_passes_can_be_read_by_day_and_by_night(self, colour):
        accent.check(colour)
        for theme in ("light", "dark"):
            own, ours = palette.raw(theme), accent.tokens(colour, theme)
            for ground in ("paper", "surface", "sunk"):
                assert palette.contrast(ours["clay"], own[ground]) >= 4.5, (colour, theme, ground)
            assert palette.contrast(ours["clay"], ours["on-clay"]) >= 4.5, (colour, theme)

    def test_a_logo_is_drawn_anew_and_what_is_no_picture_is_refused(self, adina):
        sink = io.BytesIO()
        Image.new("RGB", (900, 300), "green").save(sink, "JPEG", comment=b"secret words")
        at = f"{HOME}company/logo/"
        adina.post(at, {"logo": SimpleUploadedFile("x.jpg", sink.getvalue(), "image/jpeg")})
        served = Client().get(f"/company/{company().logo}.png")
        assert (served["Content-Type"], served["X-Content-Type-Options"]) == ("image/png", "nosniff")
        assert Image.open(io.BytesIO(served.content)).size == (576, 192)
        assert b"secret words" not in served.content
        before = company().logo
        adina.post(at, {"logo": SimpleUploadedFile("x.svg", b"<svg onload='x'/>", "image/svg+xml")})
        assert company().logo == before

    def test_the_database_refuses_to_change_what_was(self):
        actions.change({"name": "A"}, actor=CARMEN, now=NOW)
        with pytest.raises(Error, match=REFUSED), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("update company_revision set by = 'nobody'")

    def test_what_does_not_change_leaves_no_revision(self):
        for _ in range(2):
            actions.change({"name": "A"}, actor=CARMEN, now=NOW)
        assert Revision.objects.count() == 1

    def test_language_and_time_zone_are_those_of_the_company_for_who_says_nothing(self, adina):
        assert 'lang="en"' in Client().get("/").content.decode()
        adina.post(f"{HOME}company/", self.said(language="ro", zone="Europe/London"))
        assert 'lang="ro"' in Client().get("/").content.decode()
        assert 'lang="en"' in Client(headers={"accept-language": "fr,en;q=0.5"}).get("/").content.decode()


class TestSystems:
    at = f"{HOME}systems/crm/"

    def test_a_token_is_kept_sealed_used_and_never_shown(self, adina):
        adina.post(self.at, {"address": "https://crm.firma.ro/api", "secret": "tok-1234567"})
        assert systems.service("crm") == ("https://crm.firma.ro/api", "tok-1234567")
        assert b"tok-1234567" not in bytes(Secret.objects.get().sealed)
        for page in (self.at, f"{HOME}changes/", f"{HOME}systems/"):
            assert "tok-1234567" not in adina.text(page)

    def test_a_secret_does_not_follow_to_another_address(self, adina):
        adina.post(self.at, {"address": "https://crm.firma.ro/api", "secret": "tok-1234567"})
        moved = {"address": "https://elsewhere.ro/api"}
        assert adina.post(self.at, moved).status_code == 422
        adina.post(self.at, {"address": ""})
        assert systems.service("crm") is None
        assert not Secret.objects.exists()

    @pytest.mark.parametrize(
        "address",
        ["ftp://x.ro", "https://user:word@x.ro", "http://169.254.169.254/", "http://[::ffff:a9fe:a9fe]/"],
    )
    def test_addresses_that_cannot_be_are_refused(self, adina, address):
        assert adina.post(self.at, {"address": address}).status_code == 422

    def test_the_environment_wins_and_the_page_says_so(self, adina, settings):
        settings.SERVICES = {"crm": {"url": "https://env.ro", "token": "x"}}
        assert "PRIDVOR_SERVICES" in adina.text(self.at)
        adina.post(self.at, {"address": "https://page.ro", "secret": "y"})
        assert systems.service("crm") == ("https://env.ro", "x")

    def test_a_mail_server_that_nobody_answers_for_is_told_with_the_remedy(self, adina, settings):
        settings.SMTP_URL = "smtp://127.0.0.1:9"
        text = re.sub(r"\s+", " ", adina.post(f"{HOME}systems/mail/test/").content.decode())
        assert "check the port" in text


def test_regions_are_drawn_and_no_place_is_of_two(adina):
    at = f"{HOME}regions/new/"
    names = {"name_ro": "Nord", "name_en": "North"}
    adina.post(at, {"code": "north", **names, "covers": "RO: Brașov\nSE"})
    assert Region.objects.get().covers == ["RO:brasov", "SE"]
    assert adina.post(at, {"code": "south", **names, "covers": "SE"}).status_code == 422
    assert "north" in adina.text(f"{HOME}changes/")


def test_what_is_left_is_computed(adina, settings):
    page = adina.text(HOME)
    assert "these are the demo" in page
    actions.change({"email": "noi@firma.ro", "sender_address": "noi@firma.ro"}, actor=CARMEN, now=NOW)
    assert "these are the demo" not in adina.text(HOME)
