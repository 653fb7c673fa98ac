"""THE data map: what every column of every table holds of people. A column that is missing here fails a test."""

from pridvor.accounts import personal as of_accounts
from pridvor.cases import personal as of_cases
from pridvor.checks import personal as of_checks
from pridvor.clients import personal as of_clients
from pridvor.company import personal as of_company
from pridvor.connectors import personal as of_connectors
from pridvor.desk import personal as of_desk
from pridvor.documents import personal as of_documents
from pridvor.evidence import personal as of_evidence
from pridvor.journeys import personal as of_journeys
from pridvor.notifications import personal as of_notifications
from pridvor.privacy import personal as of_privacy
from pridvor.project import personal as of_others
from pridvor.sla import personal as of_sla
from pridvor.vault import personal as of_vault

ROOMS = {
    "vault": of_vault.TABLES,
    "company": of_company.TABLES,
    "accounts": of_accounts.TABLES,
    "clients": of_clients.TABLES,
    "journeys": of_journeys.TABLES,
    "cases": of_cases.TABLES,
    "documents": of_documents.TABLES,
    "connectors": of_connectors.TABLES,
    "checks": of_checks.TABLES,
    "notifications": of_notifications.TABLES,
    "sla": of_sla.TABLES,
    "evidence": of_evidence.TABLES,
    "privacy": of_privacy.TABLES,
    "desk": of_desk.TABLES,
    "others": of_others.TABLES,
}
TABLES = [table for room in ROOMS.values() for table in room]
