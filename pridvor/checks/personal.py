"""What the tables of this room hold of people, for what and how long (see lib.data_map)."""

from pridvor.lib.data_map import ONBOARD, PROVE, Table

TABLES = [
    Table("checks.Finding", plain="id case_id attempt_id code certainty step item params insisted found_at"),
    Table(
        "checks.Screening",
        ids={"sought": ONBOARD},
        plain="id public_id case_id attempt_id cause dataset version algorithm threshold engine at",
    ),
    Table(
        "checks.Candidate",
        sealed={"ref": ONBOARD},
        ids={"question": ONBOARD},
        plain="id public_id screening_id subject entry fingerprint score topics datasets",
    ),
    Table(
        "checks.Adjudication",
        sealed={"ref": ONBOARD},
        ids={"by": PROVE},
        plain="id candidate_id verdict at",
    ),
    Table(
        "checks.Assessment",
        plain="id case_id attempt_id scorecard version score band grants credit_limit payment_days price_group lines at",
    ),
]
