"""What the tables of this room hold of people, for what and how long (see lib.data_map)."""

from pridvor.lib.data_map import PROVE, Table

TABLES = [
    Table(
        "evidence.Checkpoint",
        ids={"heads": PROVE},
        plain="number at previous voids key digest signature seen",
    ),
    Table("evidence.Verification", ids={"findings": PROVE}, plain="id at seconds rows checkpoint found"),
]
