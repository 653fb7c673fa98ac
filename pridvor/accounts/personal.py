"""What the tables of this room hold of people, for what and how long (see lib.data_map)."""

from pridvor.lib.data_map import GUARD, WORK, Table

TABLES = [
    Table("accounts.Region", plain="code name covers"),
    Table(
        "accounts.Staff",
        ids={"public_id": WORK},
        clear={"email name role regions language is_lead is_active": WORK, "password last_login": GUARD},
        plain="id created_at",
    ),
    Table("accounts.StaffEvent", ids={"staff_id by": WORK}, plain="id at kind data"),
    Table("accounts.RegionEvent", ids={"by": WORK}, plain="id region at data"),
    Table(
        "accounts.Invitation",
        ids={"staff_id by": WORK},
        clear={"digest made_at until_at used_at revoked_at": GUARD},
        plain="id",
    ),
    Table(
        "accounts.Absence",
        ids={"staff_id substitute_id by": WORK},
        clear={"from_at until_at reason": WORK},
        plain="id noted_at",
    ),
]
