"""What the tables of this room hold of people, for what and how long (see lib.data_map)."""

from pridvor.lib.data_map import WORK, Table

TABLES = [
    Table("desk.SavedView", ids={"owner_id": WORK}, plain="id public_id name query role created_at"),
]
