"""A journey in which an editor makes something and the client approves it, played by the real actions."""

from pridvor.cases import actions as cases
from pridvor.cases import approvals
from pridvor.cases import queries as case_queries
from pridvor.cases.approvals import Place
from pridvor.cases.models import Attempt
from pridvor.clients.models import Person
from pridvor.documents import actions as documents
from pridvor.documents import deliveries, screening
from pridvor.documents.arriving import Arrival, into, new_place
from pridvor.lib.actor import Actor
from tests.conftest import NOW, Clock, actor_of, client_of, publish

EDITOR = Actor("staff", "00000000-0000-7000-8000-0000000000ed", "editor")
JOURNEY = """
journey: content
title: {en: Content, ro: Conținut}
reasons: {reject-no: {en: No, ro: Nu}}
stages:
  content:
    owner: editor
    title: {en: Content, ro: Conținut}
    steps:
      create: {todo: content, title: {en: Create the content, ro: Crearea conținutului}}
      agree:
        approve: content
        title: {en: Approve the content, ro: Aprobarea conținutului}
        %s
        if revise: {redo: create, limit: 5}
"""


class Content:
    """One case on this journey. `words` are further words of its `approve` step."""

    def __init__(self, person: Person, words: str = "approvers: one") -> None:
        self.ana, self.me, self.time = person, actor_of(person), Clock()
        version = publish(JOURNEY % words)
        self.case = cases.open_case(version, client_of(person), person, language="en", actor=self.me, now=NOW)

    def open(self, step: str) -> Attempt | None:
        return case_queries.open_attempt(self.case, step)

    def person(self, email: str) -> Person:
        """Somebody who is asked for their word."""
        return approvals.name(self.case, "agree", email, actor=EDITOR, now=self.time()).person

    def file(self, content: bytes, name: str = "page.pdf", *, scanned: bool = True) -> None:
        """A file of ours, received and scanned as every other."""
        file_id, path = new_place()
        with into(self.case.subject, path, largest=1 << 24) as intake:
            intake.write(content)
            arrived = intake.finish()
        item = deliveries.item_of("content")
        arrivals = [Arrival(file_id, name, "", arrived)]
        taken = documents.take(self.case, "agree", item, arrivals=arrivals, actor=EDITOR, now=self.time())
        deliveries.hold(self.case, "content", taken, actor=EDITOR, now=self.time())
        for file in taken if scanned else ():
            screening.scan(file.pk, now=self.time())
            screening.read(file.pk, now=self.time())

    def words(self, text: str = "First.\n\nSecond.", kind: str = "text") -> None:
        deliveries.add_words(self.case, "content", kind, text, actor=EDITOR, now=self.time())

    def deliver(self, **answers) -> "Content":
        """What was gathered (or a text), delivered; the work on it done if it was open."""
        if not self.case.deliveries.filter(deliverable="content", delivered_at=None).exists():
            self.words()
        answered = {
            comment.public_id: (not why, why)
            for comment, why in zip(
                approvals.unanswered(self.case, "content"), answers.get("why", [""] * 99), strict=False
            )
        }
        deliveries.deliver(self.case, "content", answered, actor=EDITOR, now=self.time())
        if self.open("create"):
            cases.complete(self.open("create"), "done", actor=EDITOR, now=self.time())
        return self

    def latest(self):
        """The version that stands, as its client sees it."""
        return deliveries.versions(self.case, "content", actor=self.me, purpose="test", now=self.time())[-1]

    def pin(self, text: str = "Make it blue", person: Person | None = None, **place):
        who = person or self.ana
        return deliveries.pin(
            self.open("agree"), who, text, "content", Place(**place), actor=actor_of(who), now=self.time()
        )

    def vote(self, outcome: str = "approve", person: Person | None = None, seen: int | None = None) -> None:
        who, attempt = person or self.ana, self.open("agree")
        versions = deliveries.numbers(attempt) if seen is None else {"content": seen}
        deliveries.vote(attempt, who, outcome, versions, actor=actor_of(who), now=self.time())

    def outcome(self) -> str:
        row = Attempt.objects.filter(case=self.case, key="agree").exclude(outcome="").last()
        return row.outcome if row else ""
