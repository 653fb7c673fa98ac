"""What the tables of this room hold of people, for what and how long (see lib.data_map)."""

from pridvor.lib.data_map import WORK, Table

TABLES = [
    Table("sla.Calendar", plain="id name countries is_default"),
    Table(
        "sla.CalendarRevision",
        ids={"made_by": WORK},
        plain="id calendar_id number zone week country holidays extra_off special made_at",
    ),
    Table(
        "sla.Clock",
        plain="id case_id stage visit kind revision_id promised budget_days budget_seconds used_seconds state started_at running_since stopped_since stopped_for stops due_at ended_at receipt",
    ),
    Table("sla.Ledger", plain="case_id revision_id last_event at parties paused over"),
    Table("sla.Span", plain="id case_id stage party from_at to_at seconds position mac"),
    Table("sla.Timer", plain="id case_id kind clock_id name number count fire_at left_seconds fired_at"),
]
