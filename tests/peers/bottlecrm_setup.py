"""Furnishes an empty BottleCRM: an organisation, its custom fields, the token we call with, and its webhooks.

Run by BottleCRM's own Python, never imported by ours:
bottlecrm_setup.py furnish            prints the token
bottlecrm_setup.py hook URL           sends events to URL, and prints the secret they are signed with
"""

import sys

import django
from django.db import connection

django.setup()

from common.models import (  # type: ignore[import-not-found]  # noqa: E402
    CustomFieldDefinition,
    Org,
    PersonalAccessToken,
    Profile,
)
from django.contrib.auth import get_user_model  # noqa: E402
from webhooks.models import WebhookEndpoint  # type: ignore[import-not-found]  # noqa: E402

COMPANY = "Arcada Distribuție"
FIELDS = [
    ("Account", "pridvor_key", "Onboarding"),
    ("Account", "vat_number", "VAT number"),
    ("Account", "onboarding_state", "State of onboarding"),
    ("Contact", "pridvor_key", "Onboarding"),
    ("Lead", "pridvor_key", "Onboarding"),
    ("Opportunity", "pridvor_key", "Onboarding"),
]
EVENTS = ["account.created", "account.updated", "contact.updated", "lead.created", "deal.updated", "deal.won"]


def enter(org: Org) -> None:
    """Its tables show an organisation's rows only to who says which one."""
    with connection.cursor() as cursor:
        cursor.execute("select set_config('app.current_org', %s, false)", [str(org.id)])


def furnish() -> None:
    user = get_user_model().objects.create(email="onboarding@arcada.example", is_active=True)
    org = Org.objects.create(name=COMPANY, is_active=True, default_currency="EUR")
    enter(org)
    profile = Profile.objects.create(
        user=user, org=org, role="ADMIN", is_active=True, is_organization_admin=True
    )
    for model, key, label in FIELDS:
        CustomFieldDefinition.objects.create(
            org=org, target_model=model, key=key, label=label, field_type="text", is_filterable=True
        )
    print(PersonalAccessToken.generate(profile, "onboarding")[0])


def hook(url: str) -> None:
    org = Org.objects.get(name=COMPANY)
    enter(org)
    owner = Profile.objects.get(org=org).user
    print(WebhookEndpoint.objects.create(org=org, url=url, created_by=owner, events=EVENTS).secret)


{"furnish": furnish, "hook": hook}[sys.argv[1]](*sys.argv[2:])
