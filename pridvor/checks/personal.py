"""What the tables of this room hold of people, for what and how long (see lib.data_map)."""

from pridvor.lib.data_map import Table

TABLES = [
    Table("checks.Finding", plain="id case_id attempt_id code certainty step item params insisted found_at"),
    Table(
        "checks.Assessment",
        plain="id case_id attempt_id scorecard version score band grants credit_limit payment_days price_group lines at",
    ),
]
