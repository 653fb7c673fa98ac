"""A connection to a system that speaks JSON and is asked with a key; how requests fail is web.py's."""

from collections.abc import Mapping
from typing import Any

import httpx

from pridvor.connectors import web
from pridvor.connectors.contract import Unavailable
from pridvor.connectors.web import json_of


class Wire:
    """A connection to one address. `read` has no effect there; what `send` did is known by reading only."""

    def __init__(
        self,
        base: str,
        headers: Mapping[str, str],
        transport: httpx.BaseTransport | None = None,
        *,
        not_ours: frozenset[int] = frozenset({401, 403}),
    ) -> None:
        """`not_ours`: the statuses with which this system says that it does not take our key."""
        self._not_ours = not_ours
        self._http = web.client(base.rstrip("/") + "/", headers, transport)

    def close(self) -> None:
        self._http.close()

    def wear(self, headers: Mapping[str, str]) -> None:
        """From now every request carries these headers."""
        self._http.headers.update(headers)

    def read(self, path: str, **params: Any) -> Any:
        """What stands there, None where nothing does that we may see. Whatever goes wrong is only `Unavailable`."""
        response = self.look("GET", path, params=params or None)
        found = json_of(response)
        if response.status_code in (403, 404) and found is not None:
            return None
        if response.status_code != 200 or found is None:
            raise Unavailable(f"http-{response.status_code}", f"while reading {path}")
        return found

    def look(self, method: str, path: str, **more: Any) -> httpx.Response:
        """The answer to a request that has no effect there."""
        response = web.read(self._http, method, path, **more)
        self._must_serve(response)
        return response

    def send(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """The answer to a request that may have had its effect whatever the status says."""
        response = web.send(self._http, method, path, **({"json": body} if body is not None else {}), **more)
        self._must_serve(response)
        return response

    def _must_serve(self, response: httpx.Response) -> None:
        if response.status_code in self._not_ours:
            raise Unavailable("key-refused", "the system does not take our key")
