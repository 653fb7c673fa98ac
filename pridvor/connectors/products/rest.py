"""Any system with a JSON interface, as its description says (described.py): found before it is made, judged by status."""

import base64
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx

from pridvor.connectors import contract
from pridvor.connectors.contract import (
    Answer,
    Erasure,
    Health,
    Place,
    Product,
    Rejected,
    Unavailable,
    Uncertain,
)
from pridvor.connectors.customer import Customer
from pridvor.connectors.products import placeholders
from pridvor.connectors.products.described import ByOAuth, Effect, Find, Header, Request, Rest, Verb
from pridvor.connectors.products.wire import Wire
from pridvor.connectors.stand_ins.described import Described
from pridvor.connectors.web import json_of, retry_after
from pridvor.lib import clock

UNKNOWN_KEY = frozenset({401})


class Connection:
    """A described system, connected."""

    def __init__(self, description: Rest, place: Place, transport: httpx.BaseTransport | None = None) -> None:
        self._described, self._place, self._transport = description, place, transport
        self._wire = Wire(place.address, self._headers(), transport, not_ours=UNKNOWN_KEY)

    def close(self) -> None:
        self._wire.close()

    def probe(self) -> Health:
        start = time.monotonic()
        method, _space, path = self._described.probe.partition(" ")
        try:
            self._enter()
            answer = self._wire.look(method, path)
        except (Unavailable, Rejected) as error:
            return Health(self._described.role, False, str(error), _since(start))
        return Health(
            self._described.role, answer.status_code < 500, f"HTTP {answer.status_code}", _since(start)
        )

    def perform(self, name: str, customer: Customer) -> Answer:
        """One verb: looked for, made or changed when it has to be, and read for what the step wants to know."""
        self._enter()
        verb = self._described.verbs[name]
        found = self._found(verb.find, customer) if verb.find else None
        if verb.change:
            return self._change(verb, verb.change, customer, found)
        if found:
            return _answer(verb, found[0], "found", found[1])
        if verb.make:
            return self._make(verb, verb.make, customer)
        absent = verb.outcome.absent if verb.outcome else None
        if absent is None:
            raise Rejected("not-found", "it is not there, and no outcome is named for that")
        return Answer("", "absent", outcome=absent)

    def is_there(self, name: str, customer: Customer) -> bool:
        self._enter()
        find = self._described.verbs[name].find
        return find is not None and self._found(find, customer) is not None

    def forget(self, reference: str, _key: str = "") -> None:
        erasure = self._described.erasure
        if erasure and erasure.forget:
            self._enter()
            nobody = Customer(key="", name="", country="")
            effect = erasure.forget
            answer = self._send(effect, placeholders.values(nobody, reference))
            if answer.status_code not in (404, 410):
                _judge(effect, answer, nobody)

    # -- how

    def _found(self, find: Find, customer: Customer) -> tuple[str, Any] | None:
        """The number under which it is there, with the whole answer."""
        answer = self._wire.look(
            find.method, **_parts(find, placeholders.values(customer)), **_json(find, customer)
        )
        if answer.status_code in find.nothing:
            return None
        said = json_of(answer)
        if answer.status_code >= 300 or said is None:
            raise Unavailable(
                f"http-{answer.status_code}",
                f"while looking: {find.request}",
                after=retry_after(answer, clock.now()),
            )
        number = at(said, find.reference)
        return (str(number), said) if number not in (None, "") else None

    def _make(self, verb: Verb, effect: Effect, customer: Customer) -> Answer:
        """An error does not mean that nothing happened, so it is looked for again."""
        answer = self._send(effect, placeholders.values(customer))
        try:
            _judge(effect, answer, customer)
        except (Rejected, Uncertain):
            if verb.find and (found := self._found(verb.find, customer)):
                return _answer(verb, found[0], "created", found[1])
            raise
        said = json_of(answer)
        number = at(said, effect.reference) if effect.reference else None
        return _answer(verb, str(number or customer.key), "created", said)

    def _change(
        self, verb: Verb, effect: Effect, customer: Customer, found: tuple[str, Any] | None
    ) -> Answer:
        if found is None and effect.method == "DELETE":
            return Answer(customer.key, "gone")
        if found is None:
            raise Rejected("not-found", "what should be changed is not there")
        answer = self._send(effect, placeholders.values(customer, found[0]))
        if effect.method != "DELETE" or answer.status_code not in (404, 410):
            _judge(effect, answer, customer)
        return _answer(verb, found[0], "found", json_of(answer))

    def _send(self, effect: Effect, look: Callable[[str], Any]) -> httpx.Response:
        body = placeholders.fill(effect.body, look) if effect.body is not None else None
        return self._wire.send(effect.method, body=body, **_parts(effect, look))

    # -- who asks

    def _headers(self) -> dict[str, str]:
        auth, key = self._described.auth, self._place.key
        if auth == "bearer":
            return {"Authorization": f"Bearer {key}"} if key else {}
        if auth == "basic":
            return {"Authorization": f"Basic {base64.b64encode(key.encode()).decode()}"}
        return {auth.header: key} if isinstance(auth, Header) else {}

    def _enter(self) -> None:
        """With client credentials: a token for this use of the network."""
        auth = self._described.auth
        if not isinstance(auth, ByOAuth):
            return
        number, _colon, secret = self._place.key.partition(":")
        form = {
            "grant_type": "client_credentials",
            **({"scope": auth.oauth.scope} if auth.oauth.scope else {}),
        }
        answer = self._wire.look("POST", auth.oauth.token, data=form, auth=(number, secret))
        token = at(json_of(answer), "access_token")
        if answer.status_code == 429 or answer.status_code >= 500:  # it is down, and our key may be right
            after = retry_after(answer, clock.now())
            raise Unavailable(f"http-{answer.status_code}", "where tokens are given", after=after)
        if answer.status_code != 200 or not token:
            raise Unavailable("no-token", f"the token endpoint answered {answer.status_code}")
        self._wire.wear({"Authorization": f"Bearer {token}"})


def at(said: Any, path: str) -> Any:
    """What stands at a dotted path of an answer, through lists by number; None where nothing does."""
    for piece in filter(None, path.split(".")):
        if isinstance(said, dict):
            said = said.get(piece)
        elif isinstance(said, list) and piece.isdigit() and int(piece) < len(said):
            said = said[int(piece)]
        else:
            return None
    return said


def product(description: Rest) -> Product:
    """The described system, as the table of products knows it."""
    role = description.role
    return Product(
        role=role,
        scheme="" if role == description.system else description.system,
        name=description.name or description.system,
        connect=partial(Connection, description),
        verbs={name: _verb(name, verb) for name, verb in description.verbs.items()},
        stand_in=partial(Described, description),
        erasure=_erasure(description),
    )


def personal(names: set[str]) -> tuple[str, ...]:
    return tuple(sorted(placeholders.PERSONAL[name] for name in names & placeholders.PERSONAL.keys()))


def grants(names: set[str]) -> bool:
    """Whether credit and prices are handed over: of a described system its body says so."""
    return any(name.startswith("terms.") for name in names)


def _verb(name: str, verb: Verb) -> contract.Verb:
    def perform(connection: Connection, customer: Customer) -> Answer:
        return connection.perform(name, customer)

    def is_there(connection: Connection, customer: Customer) -> bool:
        return connection.is_there(name, customer)

    outcomes = verb.outcome.names if verb.outcome else frozenset()
    stands = is_there if verb.find and verb.make else None
    return contract.Verb(perform, personal(verb.names()), outcomes, stands, grants(verb.names()))


def _erasure(description: Rest) -> Erasure | None:
    said = description.erasure
    return Erasure(said.means, said.remains, Connection.forget if said.forget else None) if said else None


def _parts(request: Request, look: Callable[[str], Any]) -> dict[str, Any]:
    """Where a request goes, with what behind the `?`, under which headers."""
    return {
        "path": placeholders.address(request.path, look),
        "params": placeholders.fill(request.query, look) or None,
        "headers": placeholders.fill(request.headers, look),
    }


def _json(request: Request, customer: Customer) -> dict[str, Any]:
    if request.body is None:
        return {}
    return {"json": placeholders.fill(request.body, placeholders.values(customer))}


def _judge(effect: Effect, answer: httpx.Response, customer: Customer) -> None:
    """Nothing when it is done. Raises Rejected, Unavailable or Uncertain, as the description says."""
    status, said = answer.status_code, json_of(answer)
    refusal = effect.refused_with and at(said, effect.refused_with)
    words = customer.scrub(str((at(said, effect.words) if effect.words else refusal) or ""))
    if status in effect.done and not refusal:
        return
    if status in effect.refused or (status in effect.done and refusal):
        raise Rejected(f"status-{status}", words)
    if status in effect.again and status < 500:
        raise Unavailable(f"status-{status}", words, after=retry_after(answer, clock.now()))
    raise Uncertain(f"status-{status}", words)


def _answer(verb: Verb, reference: str, how: str, said: Any) -> Answer:
    """What the step wants to know of the answer: its outcome where one is named, and values."""
    outcome = verb.outcome
    word = str(at(said, outcome.at)) if outcome and outcome.at else "ok"
    if outcome and outcome.at and word not in outcome.of:
        raise Rejected("no-such-outcome", f"{outcome.at} is none of {', '.join(outcome.of)}")
    values = {name: at(said, path) for name, path in verb.values.items()}
    plain = {name: value for name, value in values.items() if isinstance(value, str | int | float)}
    return Answer(reference, how, {"reference": reference, "how": how}, word, plain)


def _since(start: float) -> int:
    return round((time.monotonic() - start) * 1000)
