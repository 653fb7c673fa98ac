"""The demo company: its staff, and partners in every state, all brought there by the real actions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import typst
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.db import transaction

from pridvor.accounts.models import Role, Staff
from pridvor.cases import actions as cases
from pridvor.cases import queries as case_queries
from pridvor.cases import store
from pridvor.cases.models import Attempt, Case, Event
from pridvor.clients import actions as clients
from pridvor.clients import sign_in
from pridvor.connectors import actions as connectors
from pridvor.connectors.models import Call
from pridvor.documents import actions as documents
from pridvor.documents import screening
from pridvor.documents.models import File
from pridvor.journeys import queries as journeys
from pridvor.lib.actor import Actor
from pridvor.project import wiring

PASSWORD = "porch-and-arches"  # noqa: S105 of the demo alone, and worth nothing without a second factor
SINK = 32 * 1024


@dataclass(frozen=True)
class Person:
    email: str
    name: str
    role: Role
    language: str = "ro"


STAFF = (
    Person("carmen@arcada.example", "Carmen Ionescu", Role.OPERATOR),
    Person("cristina@arcada.example", "Cristina Pop", Role.COMPLIANCE),
    Person("dan@arcada.example", "Dan Marinescu", Role.MANAGER),
    Person("aurora@arcada.example", "Aurora Neagu", Role.AUDITOR),
    Person("adina@arcada.example", "Adina Radu", Role.ADMINISTRATOR),
)
