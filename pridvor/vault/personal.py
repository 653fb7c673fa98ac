"""What the tables of this room hold of people, for what and how long (see lib.data_map)."""

from pridvor.lib.data_map import ONBOARD, PROVE, Table

TABLES = [
    Table(
        "vault.SubjectKey",
        sealed={"wrapped wrapped_file": ONBOARD},
        ids={"subject": ONBOARD},
        plain="created_at erased_at",
    ),
    Table("vault.Value", sealed={"sealed": ONBOARD}, ids={"owner_id": ONBOARD}, plain="id field written_at"),
    Table("vault.BlindIndex", sealed={"digest": ONBOARD}, plain="id field key value_id"),
    Table(
        "vault.Look",
        ids={"subject actor_id": PROVE},
        plain="id at fields actor_kind purpose case position mac",
    ),
]
