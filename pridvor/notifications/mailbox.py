"""The demo's mailbox: a mail server on loopback that keeps what it receives, so that the demo uses real SMTP."""

import asyncio
import logging
import signal
import threading
from typing import Any

from aiosmtpd.controller import Controller
from django.conf import settings
from django.db import connection

from pridvor.lib import aead
from pridvor.lib.keys import Keys
from pridvor.lib.resealing import Column
from pridvor.notifications.models import SandboxMail

log = logging.getLogger(__name__)
BELONGS = aead.bound_to("sandbox", "mail")


def ring() -> aead.KeyRing:
    held: Keys = settings.KEYS
    return held.ring("files", "sandbox mail")


SEALED = Column(SandboxMail, "sealed", ring, lambda row: BELONGS)


class Keep:
    """Stores every mail, whoever it is for."""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 aiosmtpd's name
        try:
            await asyncio.to_thread(_store, bytes(envelope.content))
        except Exception:
            log.exception("a mail could not be kept")
            return "451 it cannot be kept now"
        return "250 kept"


def _store(content: bytes) -> None:
    try:
        SandboxMail.objects.create(sealed=ring().seal(content, BELONGS))
    finally:
        connection.close()  # the thread is the pool's; its connection must not stay behind


def start(host: str, port: int) -> Controller:
    """A mailbox in threads of its own; the caller stops it."""
    controller = Controller(Keep(), hostname=host, port=port)
    controller.start()
    return controller


def serve(host: str, port: int) -> None:
    """Run until the process is told to end."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    controller = start(host, port)
    ended.wait()
    controller.stop()
