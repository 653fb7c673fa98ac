"""What the tables of this room hold of people, for what and how long (see lib.data_map)."""

from pridvor.lib.data_map import PROVE, RIGHTS, WORK, Table

TABLES = [
    Table(
        "privacy.Request",
        ids={"person_id": RIGHTS, "decided_by": PROVE},
        plain="id public_id letter kind state language asked_at due_at decided_at outcome facts size until over_at",
    ),
    Table(
        "privacy.Rule",
        ids={"by": PROVE},
        plain="id key title law categories months since ends holds active at",
    ),
    Table("privacy.Relationship", ids={"by": PROVE}, plain="id client_id ended_on at"),
    Table("privacy.LegalText", ids={"by": PROVE}, plain="id kind number title body asks_again published_at"),
    Table("privacy.Acceptance", ids={"person_id": RIGHTS}, plain="id text_id given language at"),
    Table(
        "privacy.Incident",
        ids={"subject": RIGHTS, "staff_id": WORK, "decided_by": PROVE},
        plain="id public_id kind cause figures began_at aware_at due_at decision decided_at closed_at",
    ),
    Table(
        "privacy.Affected",
        ids={"subject": RIGHTS},
        plain="id incident_id fields cases first_at last_at looks",
    ),
    Table("privacy.IncidentNote", sealed={"ref": RIGHTS}, ids={"author_id": WORK}, plain="id incident_id at"),
    Table("privacy.Entry", ids={"actor_id": PROVE}, plain="id at kind about actor_kind actor_role data"),
]
