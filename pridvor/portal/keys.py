"""Passkeys between a browser and `clients.passkeys`: what is asked is kept in the session, and answered once."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from pridvor.clients.models import Passkey, Person
from pridvor.clients.passkeys import Asked, House, Refused
from pridvor.company.reading import company

STATE = "passkey"  # in the session: what the browser was asked last


def ask_new(request: HttpRequest, person: Person, shown: str) -> dict[str, Any]:
    """The question for a new key, for the page's script."""
    return _keep(request, "new-passkey", _house(request).ask_new(person, shown))


def ask_proof(request: HttpRequest, person: Person | None = None) -> dict[str, Any]:
    """The question who this is, for the page's script."""
    return _keep(request, STATE, _house(request).ask_proof(person))


def made(request: HttpRequest, person: Person, answer: str, label: str) -> Passkey:
    """This will keep the key with which the browser answered. Raises Refused."""
    state = _taken(request, "new-passkey")
    return _house(request).add(person, state, answer, label, now=timezone.now())


def answered(request: HttpRequest, answer: str) -> Person:
    """Who the browser's answer proves it to be. Raises Refused."""
    return _house(request).prove(_taken(request, STATE), answer, now=timezone.now())


def _house(request: HttpRequest) -> House:
    return House(request.get_host().partition(":")[0], company().name)


def _keep(request: HttpRequest, name: str, asked: Asked) -> dict[str, Any]:
    request.session[name] = asked.state
    return asked.options


def _taken(request: HttpRequest, name: str) -> dict[str, Any]:
    """What was asked; it counts for one answer."""
    state: dict[str, Any] | None = request.session.pop(name, None)
    if state is None:
        raise Refused("not-verified")
    return state
