"""Runs the real yente over a small list without Elasticsearch: a search index that lives in memory stands in its place.

usage: yente_server.py PORT FOLDER; the folder holds list.ftm.json and the file `version`, and is read anew when that
changes, as a re-indexing yente would. Routers, models, algorithms and scores are yente's.
"""

import json
import os
import sys
from pathlib import Path

PORT, FOLDER = int(sys.argv[1]), Path(sys.argv[2])
LIST, VERSION, MANIFEST = FOLDER / "list.ftm.json", FOLDER / "version", FOLDER / "manifest.yml"
DATASET = "sanctions"
MANIFEST.write_text(
    f"datasets:\n  - {{name: {DATASET}, title: Fictional, version: '{VERSION.read_text()}', entities_url: '{LIST.as_uri()}'}}\n"
    f"  - {{name: everything, title: All, children: [{DATASET}]}}\n  - {{name: empty, title: Not loaded, version: '1'}}\n"
)
os.environ.update(YENTE_AUTO_REINDEX="false", YENTE_MANIFEST=str(MANIFEST), YENTE_MATCH_FUZZY="false")

import uvicorn  # noqa: E402
from yente import provider  # noqa: E402
from yente.app import create_app  # noqa: E402
from yente.data.entity import Entity  # noqa: E402
from yente.provider.base import SearchProvider  # noqa: E402
from yente.search.indexer import build_indexable_entity_doc  # noqa: E402
from yente.search.versions import build_index_name  # noqa: E402


def values(document, field):
    found = (
        document[field] if field in document else document.get("properties", {}).get(field.split(".")[-1], [])
    )
    return [str(one).lower() for one in (found if isinstance(found, list) else [found])]


def weight(query, document):
    """How well a document fits a query, 0: not at all; the dozen clauses that yente writes."""
    ((kind, body),) = query.items()
    return CLAUSES[kind](body, document)


def _term(body, document):
    ((field, said),) = body.items()
    wanted, boost = (said["value"], said.get("boost", 1)) if isinstance(said, dict) else (said, 1)
    return boost if str(wanted).lower() in values(document, field) else 0


def _terms(body, document):
    field, wanted = next((name, said) for name, said in body.items() if name != "boost")
    fits = set(values(document, field)) & {str(one).lower() for one in wanted}
    return body.get("boost", 1) if fits else 0


def _match(body, document):
    ((field, said),) = body.items()
    asked, boost = (said["query"], said.get("boost", 1)) if isinstance(said, dict) else (said, 1)
    have = " ".join(values(document, field) + values(document, "name_parts")).split()
    return boost if all(word in have for word in str(asked).lower().split()) else 0


def _bool(body, document):
    needed = [*body.get("filter", []), *body.get("must", [])]
    if any(not weight(one, document) for one in needed) or any(
        weight(one, document) for one in body.get("must_not", [])
    ):
        return 0
    fits = [weight(one, document) for one in body.get("should", [])]
    enough = sum(one > 0 for one in fits) >= body.get("minimum_should_match", 0)
    return (sum(fits) or 1) if enough else 0


CLAUSES = {
    "match_all": lambda body, document: 1,
    "match_none": lambda body, document: 0,
    "ids": lambda body, document: document["entity_id"] in body["values"],
    "term": _term,
    "terms": _terms,
    "match": _match,
    "bool": _bool,
    "dis_max": lambda body, document: max(weight(one, document) for one in body["queries"]),
    "function_score": lambda body, document: weight(body["query"], document),
}


class InMemory(SearchProvider):
    documents, loaded = {}, ""

    async def close(self):
        pass

    async def check_health(self, index):
        return True

    async def get_all_indices(self):
        return await self.get_alias_indices("")

    async def get_alias_indices(self, alias):
        self._look()
        return [build_index_name(DATASET, self.loaded)]

    async def get_index_metadata(self, index):
        return {}

    async def search(
        self, index, query, size=None, from_=None, sort=None, aggregations=None, rank_precise=False
    ):
        self._look()
        fits = sorted(((weight(query, one), key) for key, one in self.documents.items()), reverse=True)
        hits = [
            {"_id": key, "_score": score, "_source": json.loads(json.dumps(self.documents[key]))}
            for score, key in fits
            if score > 0
        ]
        shown = hits[from_ or 0 :][: 10 if size is None else size]
        return {"hits": {"total": {"value": len(hits), "relation": "eq"}, "hits": shown}, "aggregations": {}}

    def _look(self):
        version = VERSION.read_text()
        if version != self.loaded:
            InMemory.documents = {
                said["id"]: _document(said) for said in map(json.loads, LIST.open(encoding="utf-8"))
            }
            InMemory.loaded = version


def _document(said):
    document = build_indexable_entity_doc(Entity.from_dict(dict(said)))
    return {**document, "datasets": [DATASET], "referents": []}


async def _create():
    return InMemory()


provider._create_provider = _create
uvicorn.run(create_app(), host="127.0.0.1", port=PORT, log_level="warning")
