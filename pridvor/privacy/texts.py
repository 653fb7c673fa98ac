"""Terms, privacy notice and consents: versions that never change, and who agreed to which, when, in which language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from pridvor.clients.models import Person
from pridvor.lib.actor import Actor
from pridvor.privacy import ledger
from pridvor.privacy.models import Acceptance, LegalText

SHIPPED = Path(__file__).parent / "shipped"
LANGUAGES = ("en", "ro")
NEEDED = (LegalText.Kind.TERMS, LegalText.Kind.PRIVACY)  # agreed to, or taken note of, by registering
CONSENTS = (LegalText.Kind.MARKETING_MAIL, LegalText.Kind.MARKETING_SMS, LegalText.Kind.DATA_SHARING)
FIRST = datetime.fromisoformat("2026-11-22T00:00:00+00:00")  # of the texts that are shipped


class Incomplete(Exception):
    """A text lacks its title or its words in a language; `language` says which."""

    def __init__(self, language: str) -> None:
        super().__init__(language)
        self.language = language


@dataclass(frozen=True)
class Standing:
    """A text that counts now, and what a person said to it last."""

    text: LegalText
    answer: Acceptance | None

    @property
    def is_given(self) -> bool:
        return self.answer is not None and self.answer.given

    @property
    def is_outdated(self) -> bool:
        """It was agreed to, and has changed since in a way that must be asked about."""
        return self.answer is not None and self.answer.given and self._asks_since(self.answer.text.number)

    def _asks_since(self, number: int) -> bool:
        newer = LegalText.objects.filter(kind=self.text.kind, number__gt=number, asks_again=True)
        return self.text.number != number and newer.exists()


def current(kind: str) -> LegalText:
    """The version that counts; the shipped one becomes the first when there is none."""
    found = LegalText.objects.filter(kind=kind).first()
    return found or _ship(LegalText.Kind(kind))


def versions(kind: str) -> list[LegalText]:
    """Every version, the newest first."""
    current(kind)
    return list(LegalText.objects.filter(kind=kind))


@transaction.atomic
def publish(
    kind: str,
    title: Mapping[str, str],
    body: Mapping[str, str],
    *,
    asks_again: bool,
    actor: Actor,
    now: datetime,
) -> LegalText:
    """This will publish the next version of a text, in every language. Raises Incomplete."""
    for language in LANGUAGES:
        if not title.get(language, "").strip() or not body.get(language, "").strip():
            raise Incomplete(language)
    text = LegalText.objects.create(
        kind=LegalText.Kind(kind),
        number=current(kind).number + 1,
        title={language: title[language].strip() for language in LANGUAGES},
        body={language: body[language].strip() for language in LANGUAGES},
        asks_again=asks_again,
        by=str(actor),
        published_at=now,
    )
    ledger.record("text.published", kind, actor=actor, now=now, number=text.number, asks_again=asks_again)
    return text


@transaction.atomic
def answer(
    person: Person, text: LegalText, given: bool, *, language: str, actor: Actor, now: datetime
) -> Acceptance | None:
    """This will note that somebody agrees to a text, or agrees no more; None when they have said so already."""
    last = _last(person, text.kind)
    if (last and last.given == given and last.text_id == text.pk) or (last is None and not given):
        return None
    row = Acceptance.objects.create(person=person, text=text, given=given, language=language, at=now)
    kind = "consent.given" if given else "consent.withdrawn"
    ledger.record(kind, person.subject, actor=actor, now=now, text=text.kind, number=text.number)
    return row


def accept_needed(person: Person, *, language: str, actor: Actor, now: datetime) -> None:
    """This will note that whoever registers agrees to the terms and has read the notice, as they stand now."""
    for kind in NEEDED:
        answer(person, current(kind), True, language=language, actor=actor, now=now)


def standing(person: Person) -> list[Standing]:
    """Every text that counts now, with what the person said to it last."""
    return [Standing(current(kind), _last(person, kind)) for kind in LegalText.Kind.values]


def outdated(person: Person) -> list[Standing]:
    """What a person agreed to and has to be asked again, because it changed."""
    return [one for one in standing(person) if one.text.kind in NEEDED and one.is_outdated]


def history(person: Person) -> list[Acceptance]:
    """Everything that a person agreed to or took back, the newest first."""
    return list(Acceptance.objects.filter(person=person).select_related("text").order_by("-id"))


# -- how


def _last(person: Person, kind: str) -> Acceptance | None:
    rows = Acceptance.objects.filter(person=person, text__kind=kind).select_related("text")
    return rows.order_by("-id").first()


def _ship(kind: LegalText.Kind) -> LegalText:
    title, body = {}, {}
    for language in LANGUAGES:
        said = (SHIPPED / language / f"{kind.value}.txt").read_text("utf-8")
        head, _, rest = said.partition("\n\n")
        title[language], body[language] = head.strip(), rest.strip()
    LegalText.objects.bulk_create(
        [LegalText(kind=kind, number=1, title=title, body=body, by="machine:shipped", published_at=FIRST)],
        ignore_conflicts=True,
    )
    return LegalText.objects.get(kind=kind, number=1)
