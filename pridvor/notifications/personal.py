"""What the tables of this room hold of people, for what and how long (see lib.data_map)."""

from pridvor.lib.data_map import TELL, WORK, Table

TABLES = [
    Table(
        "notifications.Message",
        ids={"recipient": TELL, "staff_id": WORK},
        plain="id public_id case_id cause template language sign_in context message_id state tries queued_at next_at sent_at code",
    ),
    Table("notifications.SandboxMail", sealed={"sealed": TELL}, plain="id public_id received_at"),
    Table("notifications.ReasonText", ids={"by": WORK}, plain="id public_id title words used at retired_at"),
    Table(
        "notifications.Notice",
        ids={"staff_id": WORK},
        plain="id public_id kind what event_id case_id at read_at message_id",
    ),
    Table("notifications.NoticeChoice", ids={"staff_id": WORK}, plain="id kind how"),
]
