"""A client with a contract, played by the real actions: values, papers, a note; approved, declined or left alone."""

import io

import pytest

from pridvor.accounts.models import Staff
from pridvor.cases import actions as cases
from pridvor.cases import notes
from pridvor.cases import queries as case_queries
from pridvor.cases.models import Case
from pridvor.documents import actions as documents
from pridvor.documents.models import File
from pridvor.lib.actor import machine
from pridvor.project import wiring
from pridvor.vault import actions as vault
from tests.conftest import CARMEN, NOW, Clock, actor_of, client_of, publish
from tests.documents.corpus import typeset

JOURNEY = """
journey: trust
expires: 30 days
title: {en: Trust, ro: Încredere}
reasons: {reject-no: {en: No, ro: Nu}}
forms:
  about:
    you:
      title: {en: You, ro: Dumneavoastră}
      fields:
        contact_name: {label: {en: Your name, ro: Numele}, personal: true}
        phone: {label: {en: Telephone, ro: Telefon}, type: phone, personal: true}
        iban: {label: {en: IBAN, ro: IBAN}, type: iban, personal: true}
        birthday: {label: {en: Birthday, ro: Data nașterii}, personal: true}
        role: {label: {en: Role, ro: Rol}}
documents:
  bank-letter: {title: {en: Letter from the bank, ro: Scrisoare de la bancă}}
  passport: {title: {en: Passport, ro: Pașaport}}
stages:
  first:
    owner: operator
    steps:
      about: {form: about}
      papers: {upload: [bank-letter, passport], after: about}
      look: {review: look, after: papers, if reject: {close: declined}}
"""
PERSONAL = {
    "contact_name": "Ana Popescu",
    "phone": "+40721000111",
    "iban": "RO49AAAA1B31007593840000",
    "birthday": "1984-05-17",
}


class Story:
    """One person's case on that journey; verbs say what happens to it."""

    def __init__(self, person, **company):
        self.person, self.me, self.time = person, actor_of(person), Clock()
        self.case = cases.open_case(
            publish(JOURNEY), client_of(person, **company), person, language="en", actor=self.me, now=NOW
        )

    def open(self, step):
        return case_queries.open_attempt(self.case, step)

    def answered(self):
        cases.submit(self.open("about"), {"role": "administrator"}, PERSONAL, actor=self.me, now=self.time())
        return self

    def papers(self, *items):
        """The papers' step done, with these papers."""
        for item in items:
            self.upload(item)
        documents.send(self.case, items, actor=self.me, now=self.time())
        cases.complete(self.open("papers"), "done", actor=self.me, now=self.time())
        return self

    def upload(self, item, content=b"", name=""):
        """A file, cleared as the worker does."""
        content = content or typeset(item)
        file = documents.begin(
            self.case,
            "papers",
            item,
            name=name or f"{item} of Ana.pdf",
            declared_type="",
            length=len(content),
            actor=self.me,
            now=self.time(),
        )
        documents.receive(file, 0, io.BytesIO(content), now=self.time())
        documents.scan(file.pk, now=self.time())
        return File.objects.get(pk=file.pk)

    def noted(self, words="Called Ana at home"):
        author = Staff.objects.create_user("carmen@arcada.example", name="Carmen Ionescu", role="operator")
        notes.write(self.case, words, author=author, now=self.time())
        return self

    def approved(self):
        cases.complete(self.open("look"), "approve", actor=CARMEN, now=self.time())
        self.case = Case.objects.get(pk=self.case.pk)
        return self

    def declined(self):
        reasons = [{"code": "reject-no"}]
        cases.complete(self.open("look"), "reject", actor=CARMEN, now=self.time(), reasons=reasons)
        self.case = Case.objects.get(pk=self.case.pk)
        return self

    def revealed(self):
        """What of the case can still be read, by field."""
        refs = case_queries.personal_refs(self.case)
        values = vault.reveal(refs.values(), actor=machine("test"), purpose="test", now=self.time())
        return {field: values[ref] for field, ref in refs.items() if ref in values}


@pytest.fixture(autouse=True)
def place(settings, tmp_path):
    settings.DOCUMENTS, settings.DATA, settings.SMTP_URL = tmp_path / "documents", tmp_path, ""
    wiring.connect()


@pytest.fixture
def story(ana):
    return Story(ana).answered().papers()


@pytest.fixture
def filed(ana):
    """With papers, which cost a second each."""
    return Story(ana).answered().papers("bank-letter", "passport")


def stored(tmp_path):
    return [path for path in (tmp_path / "documents").rglob("*") if path.is_file()]


__all__ = ["PERSONAL", "Story", "stored"]
