"""One id from a request to the jobs it makes, to the calls that these make: log lines and spans carry it.

The id is a W3C trace id (32 hexadecimal digits; Trace Context, 3.2.2.3), so that it can be handed on to other systems.
It says nothing about anybody.
"""

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar

SHAPE = re.compile(r"[0-9a-f]{32}")
PARENT = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_current: ContextVar[str] = ContextVar("trace", default="")

Recorder = Callable[[str, str, dict[str, str]], AbstractContextManager[object]]
recorder: list[Recorder] = []  # filled once at start, where spans are sent somewhere


def current() -> str:
    """The id of what is being done; empty outside of any."""
    return _current.get()


def parent() -> str:
    """The header `traceparent` of a call that is made now; empty outside of anything."""
    return f"00-{current()}-{secrets.token_hex(8)}-01" if current() else ""


def read(header: str) -> str:
    """The id in somebody's `traceparent`; empty if there is none that can be used."""
    found = PARENT.fullmatch(header)
    return found[1] if found and set(found[1]) != {"0"} else ""


def fresh() -> str:
    """An id for a piece of work that nothing before it caused."""
    return secrets.token_hex(16)


@contextmanager
def doing(name: str, given: str = "", **what: str) -> Iterator[str]:
    """A piece of work under the given id, else under the present one, else under a new one."""
    trace = given if SHAPE.fullmatch(given) else current() or fresh()
    token = _current.set(trace)
    try:
        with recorder[0](trace, name, what) if recorder else nullcontext():
            yield trace
    finally:
        _current.reset(token)
