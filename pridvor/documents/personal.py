"""What the tables of this room hold of people, for what and how long (see lib.data_map)."""

from pridvor.lib.data_map import ONBOARD, PROVE, Table

TABLES = [
    Table(
        "documents.Document",
        plain="id public_id case_id step item number state created_at sent_at valid_until profile",
    ),
    Table(
        "documents.File",
        sealed={"sealed_name": ONBOARD},
        ids={"by_id": PROVE},
        plain="id public_id document_id position declared_type kind length offset sha256 state refusal insist pages remarks looks_like signatures scans begun_at received_at cleared_at read_at lease lease_until by_kind by_role",
    ),
    Table("documents.Part", plain="id file_id start size path"),
    Table(
        "documents.Delivery",
        ids={"by": PROVE},
        plain="id case_id deliverable number document_id begun_at delivered_at",
    ),
    Table(
        "documents.Piece",
        sealed={"ref": ONBOARD},
        ids={"by": PROVE},
        plain="id public_id delivery_id position kind file_id at",
    ),
    Table(
        "documents.Agreement",
        sealed={"ref": ONBOARD},
        plain="id attempt_id language template presented_id sealed_id set_at sealed_at waits_for facts",
    ),
    Table(
        "documents.Signatory",
        sealed={"ref": PROVE},
        ids={"person_id by": PROVE},
        plain="id agreement_id position seen_at signed_at declined_at",
    ),
]
