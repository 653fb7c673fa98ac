"""Which table lives in which database: the vault's in its own, all others in the application's."""

from typing import Any


class Router:
    def db_for_read(self, model: type, **hints: Any) -> str:
        return "vault" if model._meta.app_label == "vault" else "default"  # type: ignore[attr-defined]

    db_for_write = db_for_read

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        return (one._meta.app_label == "vault") == (other._meta.app_label == "vault")

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return (app_label == "vault") == (db == "vault")
