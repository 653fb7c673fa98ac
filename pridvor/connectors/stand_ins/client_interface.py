"""A stand-in of what a client has built."""

import httpx


class ClientInterface(httpx.BaseTransport):
    """What a client of the demonstration has built: an interface with orders and stock, behind a key."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if not request.headers.get("Authorization", "").startswith("Bearer demo-"):
            return httpx.Response(401, json={"error": "unauthorized"})
        if request.url.host.startswith("down."):
            raise httpx.ConnectError("the stand-in is switched off", request=request)
        if request.url.host.startswith("broken."):
            return httpx.Response(500, json={"error": "internal"})
        if request.url.path.endswith("/orders") and request.method == "POST":
            return httpx.Response(201, json={"id": "SO-1", "state": "received"})
        if request.url.path.endswith("/orders"):
            return httpx.Response(200, json=[{"id": "SO-1", "state": "received"}])
        return httpx.Response(200, json={"status": "ok"})
