"""What the tables of this room hold of people, for what and how long (see lib.data_map)."""

from pridvor.lib.data_map import WORK, Table

TABLES = [
    Table(
        "company.Revision",
        ids={"by": WORK},
        clear={"settings": WORK},  # the name, telephone and address of whom applicants may turn to
        plain="id at",
    ),
    Table("company.Secret", plain="id name sealed kept_at"),
    Table("company.Picture", plain="digest content kept_at"),
]
