"""A mail server on loopback that behaves as real ones do: it takes, defers, refuses, or cuts the line too late."""

import email
import email.policy
from collections.abc import Iterator
from contextlib import contextmanager

from aiosmtpd.controller import Controller

from tests.peers.tryton import free_port


class Server:
    """`behaviour` for the next mails: ok; busy (451 once, then ok); unknown (550); cut (taken, and no answer)."""

    def __init__(self) -> None:
        self.behaviour, self.mails = "ok", []
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self._controller.port}"

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.behaviour == "unknown":
            return "550 5.1.1 no such mailbox"
        if self.behaviour == "busy":
            self.behaviour = "ok"
            return "451 4.7.1 try again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        if self.behaviour == "cut":
            self.behaviour = "ok"
            server.transport.abort()
        return "250 taken"


@contextmanager
def running() -> Iterator[Server]:
    server = Server()
    server.start()
    try:
        yield server
    finally:
        server.stop()
