"""The demo's staff: who may sign in, and with what. Needs nothing loaded, so that the supervisor can print it at once."""

from dataclasses import dataclass

PASSWORD = "porch-and-arches"  # noqa: S105 of the demo alone, and worth nothing without a second factor


@dataclass(frozen=True)
class Person:
    email: str
    name: str
    role: str


STAFF = (
    Person("carmen@arcada.example", "Carmen Ionescu", "operator"),
    Person("cristina@arcada.example", "Cristina Pop", "compliance"),
    Person("andrei@arcada.example", "Andrei Toma", "account-manager"),
    Person("elena@arcada.example", "Elena Stoica", "engineer"),
    Person("irina@arcada.example", "Irina Lupu", "editor"),
    Person("sorin@arcada.example", "Sorin Dima", "security"),
    Person("dan@arcada.example", "Dan Marinescu", "manager"),
    Person("aurora@arcada.example", "Aurora Neagu", "auditor"),
    Person("adina@arcada.example", "Adina Radu", "administrator"),
)
