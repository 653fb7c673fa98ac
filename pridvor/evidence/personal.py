"""What the tables of this room hold of people, for what and how long (see lib.data_map)."""

from pridvor.lib.data_map import Table

TABLES = [
    Table("evidence.Checkpoint", plain="number at previous heads voids key digest signature seen"),
    Table("evidence.Verification", plain="id at seconds rows checkpoint findings found"),
]
