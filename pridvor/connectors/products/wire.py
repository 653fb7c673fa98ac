"""What speaking JSON over HTTP has in common, whoever is spoken to: which failure means what."""

from collections.abc import Mapping
from typing import Any

import httpx

from pridvor.connectors import trail
from pridvor.connectors.contract import Unavailable, Uncertain

TIMEOUT = httpx.Timeout(10.0, connect=3.0)  # seconds


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
        self._http = httpx.Client(
            base_url=base.rstrip("/") + "/",
            headers=dict(headers),
            timeout=TIMEOUT,
            transport=transport,
            trust_env=False,
            event_hooks=trail.HOOKS,
        )

    def close(self) -> None:
        self._http.close()

    def wear(self, headers: Mapping[str, str]) -> None:
        """From now every request carries these headers."""
        self._http.headers.update(headers)

    def read(self, path: str, **params: Any) -> Any:
        """What stands there, None where nothing does that we may see. Whatever goes wrong is only `Unavailable`."""
        response = self.look("GET", path, params=params or None)
        found = decoded(response)
        if response.status_code in (403, 404) and found is not None:
            return None
        if response.status_code != 200 or found is None:
            raise Unavailable(f"http-{response.status_code}", f"while reading {path}")
        return found

    def look(self, method: str, path: str, **more: Any) -> httpx.Response:
        """The answer to a request that has no effect there."""
        try:
            response = self._http.request(method, path, **more)
        except httpx.HTTPError as error:
            raise Unavailable(type(error).__name__, f"while reading {path}") from None
        self._must_serve(response)
        return response

    def send(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """The answer to a request that may have had its effect whatever the status says."""
        try:
            response = self._http.request(method, path, json=body, **more)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Unavailable(type(error).__name__, "no connection; nothing was sent") from None
        except httpx.HTTPError as error:
            raise Uncertain(type(error).__name__, "sent; the answer did not come") from None
        self._must_serve(response)
        return response

    def _must_serve(self, response: httpx.Response) -> None:
        if response.status_code == 429:
            raise Unavailable("too-many-requests", after=wish(response))
        if response.status_code in self._not_ours:
            raise Unavailable("key-refused", "the system does not take our key")


def decoded(response: httpx.Response) -> Any:
    """The JSON of an answer; None for a gateway's page."""
    try:
        return response.json()
    except ValueError:
        return None


def wish(response: httpx.Response) -> float | None:
    """After how many seconds the system wants to be asked again (Retry-After in seconds)."""
    given = response.headers.get("Retry-After", "")
    return float(given) if given.isdigit() else None
