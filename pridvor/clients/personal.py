"""What the tables of this room hold of people, for what and how long (see lib.data_map)."""

from pridvor.lib.data_map import IDENTIFY, PROVE, TELL, Table

TABLES = [
    Table(
        "clients.Client",
        plain="id public_id name folded trigrams country cui vat registration_number street city county postal_code registry_state created_at merged_into_id",
    ),
    Table(
        "clients.Person",
        sealed={"email_ref": IDENTIFY},
        ids={"subject": IDENTIFY},
        clear={"language": TELL},
        plain="id confirmed_at created_at",
    ),
    Table("clients.Contact", ids={"person_id": IDENTIFY}, plain="id client_id role created_at"),
    Table(
        "clients.Merge",
        ids={"by undone_by": PROVE},
        plain="id public_id kept_id gone_id cases contacts found before after at undone_at",
    ),
    Table(
        "clients.SignIn",
        sealed={"email_ref sealed_code": IDENTIFY},
        ids={"person_id": IDENTIFY},
        plain="id public_id digest tries created_at expires_at used_at",
    ),
    Table(
        "clients.Passkey",
        ids={"person_id credential key": IDENTIFY},
        clear={"label": IDENTIFY},
        plain="id public_id counter is_backed_up added_at used_at",
    ),
    Table("clients.Asking", ids={"place": IDENTIFY}, plain="count since"),
]
