"""What the tables of this room hold of people, for what and how long (see lib.data_map)."""

from pridvor.lib.data_map import ONBOARD, PROVE, WORK, Table

TABLES = [
    Table(
        "cases.Case",
        ids={"person_id subject": ONBOARD, "held_by_id": WORK},
        plain="id public_id reference journey_version_id client_id language region_id is_test state end goal paused values counts grants flying happened paused_for parent_id parent_step parent_number priority held_until held_attempt version chain_position chain_mac opened_at touched_at ended_at",
    ),
    Table("cases.StageVisit", plain="id case_id key entry number live over met opened_at done_at"),
    Table(
        "cases.Attempt",
        ids={"by": PROVE},
        plain="id case_id key kind stage number status outcome optional second proposal waits why reasons wanted carries loop opened_at ended_at",
    ),
    Table(
        "cases.Assignment",
        ids={"staff_id": WORK, "by": PROVE},
        plain="id case_id stage visit at why ended_at",
    ),
    Table(
        "cases.Answer",
        sealed={"ref": ONBOARD},
        ids={"by": PROVE},
        plain="id case_id step number field value at journey_version_id asked_as position mac",
    ),
    Table("cases.Draft", sealed={"ref": ONBOARD}, plain="id case_id step field value at"),
    Table(
        "cases.Event",
        ids={"actor_id": PROVE},
        plain="id case_id at kind actor_kind actor_role data position mac",
    ),
    Table(
        "cases.Undoable",
        ids={"actor": PROVE},
        plain="case_id version snapshot journey_version_id first_event until",
    ),
    Table(
        "cases.Secret",
        sealed={"ref": ONBOARD},
        ids={"by": PROVE},
        plain="id case_id step field kept_at expires_at ended_at fate",
    ),
    Table("cases.Note_called", ids={"staff_id": WORK}, plain="id note_id"),
    Table(
        "cases.Note",
        sealed={"ref": ONBOARD},
        ids={"author_id": WORK},
        plain="id public_id case_id machine_id at",
    ),
    Table("cases.Membership", ids={"person_id": ONBOARD, "by": PROVE}, plain="id case_id role at"),
    Table(
        "cases.Delegation",
        ids={"person_id": ONBOARD, "by": PROVE},
        plain="id public_id case_id step number at ended_at",
    ),
    Table(
        "cases.JoinRequest",
        ids={"person_id": ONBOARD, "decided_by": PROVE},
        plain="id public_id case_id role of state asked_at expires_at decided_at",
    ),
    Table(
        "cases.Proposal",
        ids={"by decided_by": WORK},
        plain="id public_id name source base_id note at chosen decided_at withdrawn version_id results",
    ),
    Table("cases.Approver", ids={"person_id": ONBOARD, "by": PROVE}, plain="id case_id step at"),
    Table(
        "cases.ApprovalVote", ids={"person_id": ONBOARD, "by": PROVE}, plain="id attempt_id outcome seen at"
    ),
    Table(
        "cases.Comment",
        sealed={"ref answer_ref": ONBOARD},
        ids={"person_id": ONBOARD, "answered_by": PROVE},
        plain="id public_id attempt_id number deliverable version piece page x y paragraph at answer answered_in answered_at",
    ),
    Table(
        "cases.Item",
        sealed={"ref": ONBOARD},
        ids={"taken_by by": PROVE},
        plain="id public_id case_id list number severity required owner state evidence opened_in_id at changed_at",
    ),
    Table("cases.ItemNote", sealed={"ref": ONBOARD}, ids={"by": PROVE}, plain="id item_id state at"),
    Table(
        "cases.Link",
        sealed={"sealed": ONBOARD},
        plain="id public_id machine_id digest journey return_url is_once made_at expires_at used_at",
    ),
]
