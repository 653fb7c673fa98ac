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
    Table(
        "accounts.Machine",
        ids={"by": WORK},
        plain="id public_id name digest hint client_id scopes regions is_test origins may_frame made_at expires_at revoked_at used_at",
    ),
    Table("accounts.MachineEvent", ids={"by": WORK}, plain="id machine_id at kind data"),
    Table(
        "accounts.MachineCall",
        plain="id machine_id at method route reference status code fields milliseconds trace",
    ),
    Table("accounts.MachineAnswer", plain="id machine_id key request status body at"),
]
