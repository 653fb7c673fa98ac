"""What happened in a case, as its client reads it. Machine noise stays in the ledger."""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext as _

from pridvor.cases import items
from pridvor.cases.models import Case, Event
from pridvor.company.reading import company
from pridvor.documents import deliveries
from pridvor.lib.actor import Actor
from pridvor.portal import reasons

Sentence = tuple[str, str, str] | None  # kind, title, text


def told(case: Case, events: Iterable[Event], language: str, reader: Actor) -> list[dict[str, Any]]:
    """The newest first, with who did it; two equal sentences in a row are one."""
    out: list[dict[str, Any]] = []
    for event in events:
        teller = TELLERS.get(event.kind)
        sentence = teller(case, event.data, language) if teller else None
        if sentence and not (out and out[-1]["title"] == sentence[1] and out[-1]["text"] == sentence[2]):
            who = _who(event, reader)
            out.append(
                {"kind": sentence[0], "title": sentence[1], "text": sentence[2], "at": event.at, "who": who}
            )
    return out[::-1]


def _who(event: Event, reader: Actor) -> str:
    if event.actor_kind == reader.kind == "client" and event.actor_id != reader.id:
        return _("someone of your company")
    return {"client": _("you"), "staff": _("us")}.get(event.actor_kind, "")


def _step(case: Case, data: dict[str, Any], language: str) -> str:
    step = case.journey.steps.get(str(data.get("step", "")).partition("@")[0])
    return case.journey.text(step.title, language) if step else ""


def _item(case: Case, data: dict[str, Any], language: str) -> str:
    item = case.journey.documents.get(str(data.get("item", "")))
    return case.journey.text(item.title, language) if item else ""


def _completed(case: Case, data: dict[str, Any], language: str) -> Sentence:
    title, kind, outcome = _step(case, data, language), data.get("kind"), data.get("outcome")
    if kind in ("form", "upload", "sign", "guide"):
        return "good", _("You sent: %(what)s") % {"what": title}, ""
    if kind == "survey":
        return "good", _("You told us your opinion. Thank you!"), ""
    if kind == "check":
        return ("good", _("The automatic check found everything in order"), "") if outcome == "ok" else None
    if kind == "review" and outcome == "approve":
        return "good", _("A person looked at everything and approved it"), ""
    if kind == "review" and outcome == "reject":
        return _not_granted(case, data, language)
    if kind == "connect" and outcome == "ok":
        return "good", _("Done: %(what)s") % {"what": title}, ""
    return None


def _not_granted(case: Case, data: dict[str, Any], language: str) -> Sentence:
    """A no after which the case goes on; one that ends it is told by its end."""
    step = case.journey.steps.get(str(data.get("step", "")))
    if step is None or step.routes["reject"].verb != "go on":
        return None
    why = [reasons.said(case.journey, reason, language) for reason in data.get("reasons") or []]
    stage = case.journey.text(case.journey.stages[step.stage].title, language)
    return "info", _("Not granted: %(what)s") % {"what": stage}, "\n".join(why)


def _redone(case: Case, data: dict[str, Any], language: str) -> Sentence:
    said = reasons.by_item(case.journey, data.get("reasons") or [], language)
    documents, lines = case.journey.documents, []
    for item, sentences in said.items():
        name = case.journey.text(documents[item].title, language) if item in documents else ""
        lines += [f"{name}: {sentence}" if name else sentence for sentence in sentences]
    return "bad", _("Asked again: %(what)s") % {"what": _step(case, data, language)}, "\n".join(lines)


def _ended(case: Case, data: dict[str, Any], language: str) -> Sentence:
    end = str(data.get("end"))
    own = case.journey.text(case.journey.closed.get(end, {}), language)
    if own:
        return "good" if end == case.journey.end else "bad" if end == "declined" else "info", own, ""
    return {
        "activated": ("good", _("Finished: your account is open"), ""),
        "declined": ("bad", _("The registration was not accepted"), ""),
        "withdrawn": ("info", _("You withdrew the registration"), ""),
        "expired": ("info", _("The registration expired"), ""),
    }.get(end, ("info", _("The registration ended"), ""))


def _said(case: Case, data: dict[str, Any], language: str) -> Sentence:
    step = {"what": _step(case, data, language)}
    if data.get("outcome") == "approve":
        return "good", _("Approved on your side: %(what)s") % step, ""
    return "info", _("Changes asked for: %(what)s") % step, ""


def _delivered(case: Case, data: dict[str, Any], language: str) -> Sentence:
    name = str(data.get("deliverable"))
    step = deliveries.deliverables(case.journey).get(name, "")
    what = _step(case, {"step": step}, language) or name
    return "info", _("Version %(n)s is there: %(what)s") % {"n": data.get("version"), "what": what}, ""


def _about_listed(kind: str, say: Callable[[], str]) -> Callable[[Case, dict[str, Any], str], Sentence]:
    """Of an item that is the client's; ours are no news to them."""

    def tell(case: Case, data: dict[str, Any], language: str) -> Sentence:
        item = items.by_key(case, str(data.get("item", "")))
        if item is None or item.owner != item.Owner.CLIENT:
            return None
        return kind, say() % {"n": item.number}, ""

    return tell


def _retested(case: Case, data: dict[str, Any], language: str) -> Sentence:
    if data.get("passed"):
        return _about_listed("good", lambda: _("In order: number %(n)d of the list"))(case, data, language)
    return _about_listed("bad", lambda: _("Not in order yet: number %(n)d of the list"))(case, data, language)


def _looked(case: Case, data: dict[str, Any], language: str) -> Sentence:
    said = _("Somebody of %(company)s looked at your pages for support") % {"company": company().name}
    return "info", said, _("They could read, and change nothing.")


def _plain(kind: str, say: Callable[[], str]) -> Callable[[Case, dict[str, Any], str], Sentence]:
    return lambda case, data, language: (kind, say(), "")


def _about_item(kind: str, say: Callable[[], str]) -> Callable[[Case, dict[str, Any], str], Sentence]:
    return lambda case, data, language: (
        kind,
        say() % {"what": _item(case, data, language) or _step(case, data, language)},
        "",
    )


def _about_step(kind: str, say: Callable[[], str]) -> Callable[[Case, dict[str, Any], str], Sentence]:
    return lambda case, data, language: (kind, say() % {"what": _step(case, data, language)}, "")


TELLERS: dict[str, Callable[[Case, dict[str, Any], str], Sentence]] = {
    "case.opened": _plain("info", lambda: _("Registration begun")),
    "case.invited": _plain("info", lambda: _("We opened this for you")),
    "terms.accepted": _plain("quiet", lambda: _("You accepted the conditions")),
    "step.completed": _completed,
    "step.redone": _redone,
    "step.changed": lambda case, data, language: (
        "info",
        _("You corrected: %(what)s") % {"what": _step(case, data, language)},
        _("What depends on it is checked again."),
    ),
    "document.refused": _about_item("bad", lambda: _("A file was not taken: %(what)s")),
    "document.removed": _about_item("quiet", lambda: _("A file was removed: %(what)s")),
    "item.insisted": _about_item("info", lambda: _("You asked that a person look at it: %(what)s")),
    "address.changed": _plain("info", lambda: _("Your e-mail address was changed")),
    "delivery.made": _delivered,
    "item.added": _about_listed("info", lambda: _("Something is needed from you: number %(n)d of the list")),
    "item.fixed": _about_listed("good", lambda: _("You did number %(n)d of the list")),
    "item.retested": _retested,
    "item.rejected": _about_listed("quiet", lambda: _("Not needed any more: number %(n)d of the list")),
    "approval.given": _said,
    "comment.pinned": _about_item("info", lambda: _("Comment added: %(what)s")),
    "comment.taken-back": _about_item("quiet", lambda: _("Comment taken back: %(what)s")),
    "member.invited": _plain("info", lambda: _("A colleague was invited")),
    "member.changed": _plain("info", lambda: _("A colleague was given another role")),
    "member.removed": _plain("info", lambda: _("A colleague was removed")),
    "step.delegated": _about_step("info", lambda: _("A colleague was asked to do: %(what)s")),
    "step.taken-back": _about_step("info", lambda: _("Taken back from a colleague: %(what)s")),
    "support.looked": _looked,
    "approver.named": _about_item("info", lambda: _("Somebody was asked to approve: %(what)s")),
    "contract.set": _about_step("info", lambda: _("The contract is ready to be signed: %(what)s")),
    "contract.signed": _about_step("good", lambda: _("Somebody signed: %(what)s")),
    "contract.declined": _about_step("bad", lambda: _("Somebody declined: %(what)s")),
    "contract.sealed": _about_step(
        "good", lambda: _("Everybody has signed; the contract is sealed: %(what)s")
    ),
    "secret.kept": _about_step("good", lambda: _("Credentials sealed: %(what)s")),
    "secret.expired": _about_step("info", lambda: _("Credentials have run out and were destroyed: %(what)s")),
    "secret.destroyed": _about_step("info", lambda: _("Credentials were destroyed: %(what)s")),
    "secret.handed-over": _about_step("info", lambda: _("Credentials moved to the secret store: %(what)s")),
    "suite.passed": _plain("good", lambda: _("The tests of your interface passed")),
    "suite.failed": _plain("bad", lambda: _("The tests of your interface found differences")),
    "case.paused": _plain("wait", lambda: _("A person took it in hand")),
    "case.resumed": _plain("info", lambda: _("Automatic work goes on")),
    "case.ended": _ended,
}
