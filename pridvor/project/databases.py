"""Which table lives in which database: the vault's in its own, all others in the application's. And whose they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connections

PARTS = ("USER", "PASSWORD", "HOST", "PORT", "OPTIONS")  # of a connection: all but which database


class Router:
    def db_for_read(self, model: type, **hints: Any) -> str:
        return "vault" if model._meta.app_label == "vault" else "default"  # type: ignore[attr-defined]

    db_for_write = db_for_read

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        return (one._meta.app_label == "vault") == (other._meta.app_label == "vault")

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return (app_label == "vault") == (db == "vault")


def application_role(alias: str) -> str:
    """The role as which the application connects, also while `as_owner` lasts."""
    return str(settings.DATABASE_ROLES["application"][alias]["USER"])


@contextmanager
def as_owner(alias: str) -> Iterator[None]:
    """While this lasts, the connection is its tables' owner, who may change them. Without one, nothing changes."""
    with connected_as("owner", alias):
        yield


@contextmanager
def connected_as(whom: str, alias: str) -> Iterator[None]:
    """While this lasts, connections are made as the `owner` or the `application`, to the same database."""
    connection, role = connections[alias], settings.DATABASE_ROLES[whom][alias]
    before = {part: connection.settings_dict[part] for part in PARTS}
    connection.close()
    connection.settings_dict.update({part: role[part] for part in PARTS})
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)
