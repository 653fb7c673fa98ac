"""A dry stand-in of any described system: it answers what the description hopes for, and keeps what it was sent."""

import json
import re
from typing import Any

import httpx

from pridvor.connectors.products.described import Effect, Find, Request, Rest
from pridvor.connectors.stand_ins.store import SLOW, Mode, Record, StandIn, Store

NAMED = re.compile(r"\\\{[a-z_]+(?:\\\.[A-Za-z0-9_\\-]+)?\\\}")


class Described(StandIn):
    """`find` finds a record that was made before and holds the values with which it is asked."""

    def __init__(
        self, description: Rest, store: Store, mode: Mode = lambda: "ok", slow: float = SLOW
    ) -> None:
        super().__init__(store, mode, slow)
        self.description = description

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/token"):
            return httpx.Response(200, json={"access_token": "dry"})
        for verb in self.description.verbs.values():
            if verb.find and _is(verb.find, request):
                return self._find(verb.find, request, verb.outcome.at if verb.outcome else "")
            effect = verb.make or verb.change
            if effect and _is(effect, request):
                words = {verb.outcome.at: verb.outcome.of[0]} if verb.outcome and verb.outcome.of else {}
                return self._effect(effect, request, words | dict.fromkeys(verb.values.values(), "1"))
        return httpx.Response(404, json={"error": "the description has no such request"})

    def _find(self, find: Find, request: httpx.Request, outcome: str) -> httpx.Response:
        asked = {*request.url.params.values(), *_captured(find, request)}
        for record in self.store.all(self._model):
            if all(value in record["text"] for value in asked) and not record.get("gone"):
                words = {outcome: record["outcome"]} if outcome else {}
                return httpx.Response(200, json=_at({find.reference: str(record["id"]), **words}))
        return httpx.Response(min(find.nothing), json={})

    def _effect(self, effect: Effect, request: httpx.Request, more: dict[str, str]) -> httpx.Response:
        text = f"{request.url} {request.content.decode()}"
        known = next(
            (each for each in self.store.all(self._model) if str(each["id"]) in _captured(effect, request)),
            None,
        )
        record: Record = {"text": text, "outcome": next(iter(more.values()), "ok")}
        if known and effect.method == "DELETE":
            self.store.change(self._model, known["id"], {**record, "text": known["text"], "gone": True})
            number = known["id"]
        else:
            number = known["id"] if known else self.store.add(self._model, record)
        said = {**more, **({effect.reference: str(number)} if effect.reference else {})}
        return httpx.Response(min(effect.done), json=_at(said))

    @property
    def _model(self) -> str:
        return f"{self.description.role}.{self.description.system}"

    def reads(self, request: httpx.Request) -> bool:
        return any(verb.find and _is(verb.find, request) for verb in self.description.verbs.values())


def _is(part: Request, request: httpx.Request) -> bool:
    return request.method == part.method and bool(_match(part, request))


def _captured(part: Request, request: httpx.Request) -> tuple[str, ...]:
    match = _match(part, request)
    return match.groups() if match else ()


def _match(part: Request, request: httpx.Request) -> re.Match[str] | None:
    return re.search(NAMED.sub("([^/]+)", re.escape(part.path)) + "$", request.url.path)


def _at(values: dict[str, Any]) -> Any:
    """An answer in which these values stand at these dotted paths."""
    made: dict[str, Any] = {}
    for path, value in values.items():
        place, pieces = made, path.split(".")
        for piece in pieces[:-1]:
            place = place.setdefault(piece, {})
        place[pieces[-1]] = value
    return json.loads(json.dumps(_lists(made)))


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _lists(inner) for key, inner in value.items()}
