"""A stand-in of yente: a list of fictional names, compared word by word. It scores more coarsely than the real one."""

import json
from pathlib import Path
from typing import Any

import httpx

from pridvor.connectors.stand_ins.store import Record, StandIn
from pridvor.lib import text

LIST = Path(__file__).with_name("watchlist.ftm.json")
ENTRIES: list[Record] = [json.loads(line) for line in LIST.read_text("utf-8").splitlines()]
ALGORITHM = "logic-v2"
FORMS = frozenset(("sc", "srl", "sa", "ag", "gmbh", "ltd", "llc"))  # what says nothing of who it is
SAME, ALIKE = 1.0, 0.86  # scores: the same words; all the words of one name within another
ADDED = "screening.entry"  # in the store: entries that the list has got since


class Lists(StandIn):
    """The part of yente's interface that our client uses, for whichever dataset is asked."""

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.strip("/").removeprefix("screening/").removesuffix("/")
        if request.method == "POST" and path.startswith("match/"):
            return self._match(json.loads(request.content), dict(request.url.params))
        told: dict[str, Any] = {
            "catalog": {
                "datasets": [
                    {"name": name, "version": self.version, "index_version": self.version}
                    for name in ("screening", "sanctions")
                ]
            },
            "algorithms": {"algorithms": [{"name": ALGORITHM}], "default": "best", "best": ALGORITHM},
            "openapi.json": {"info": {"title": "yente", "version": "stand-in"}},
        }
        if path in told:
            return httpx.Response(200, json=told[path])
        return httpx.Response(404, json={"detail": "Not Found"})

    def reads(self, request: httpx.Request) -> bool:
        return True

    @property
    def version(self) -> str:
        """It grows with every entry that the list gets."""
        return f"20261101{len(self._added()):06}-fic"

    def _added(self) -> list[Record]:
        return self.store.all(ADDED)

    def _entries(self) -> list[Record]:
        """By their id: what was added stands for what was there."""
        added = {str(one["entry"]["id"]): one["entry"] for one in self._added()}
        return list(({str(one["id"]): one for one in ENTRIES} | added).values())

    def _match(self, body: Record, params: dict[str, str]) -> httpx.Response:
        if params.get("algorithm", ALGORITHM) != ALGORITHM:
            return httpx.Response(400, json={"detail": f"Unknown algorithm: {params['algorithm']}"})
        threshold, cutoff = float(params.get("threshold", 0.7)), float(params.get("cutoff", 0.5))
        rows = {}
        for key, query in body["queries"].items():
            found = [_scored(entry, query, threshold) for entry in self._entries()]
            kept = sorted((one for one in found if one["score"] >= cutoff), key=lambda one: -one["score"])
            total = {"value": len(kept), "relation": "eq"}
            rows[key] = {"status": 200, "results": kept, "total": total, "query": query}
        return httpx.Response(200, json={"responses": rows, "matcher": {}, "limit": 20})


def _scored(entry: Record, query: Record, threshold: float) -> Record:
    names = [_words(name) for name in entry["properties"]["name"]]
    asked = [_words(name) for name in query["properties"].get("name", [])]
    score = max((_likeness(ours, theirs) for ours in asked for theirs in names), default=0.0)
    why = {"name_match": {"score": score, "detail": None}} if score else {}
    return {**entry, "score": score, "explanations": why, "match": score >= threshold}


def _likeness(ours: frozenset[str], theirs: frozenset[str]) -> float:
    shorter, longer = sorted((ours, theirs), key=len)
    if ours and ours == theirs:
        return SAME
    return ALIKE if len(shorter) >= 2 and shorter <= longer else 0.0


def _words(name: str) -> frozenset[str]:
    return frozenset(text.fold(name).replace(".", "").split()) - FORMS
