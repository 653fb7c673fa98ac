"""What the tables of this room hold of people, for what and how long (see lib.data_map)."""

from pridvor.lib.data_map import WORK, Table

TABLES = [
    Table(
        "journeys.JourneyVersion",
        ids={"published_by": WORK},
        plain="id name number digest source published_at",
    ),
]
