"""What the tables of this room hold of people, for what and how long (see lib.data_map)."""

from pridvor.lib.data_map import ONBOARD, PROVE, WORK, Table

TABLES = [
    Table(
        "connectors.Call",
        plain="id public_id case_id attempt_id capability peer key state undoes aside tries first_failed_at next_at waiting_since delay_told_at answer code",
    ),
    Table(
        "connectors.Try",
        plain="id call_id number started_at ended_at outcome code words request answer requests peer_ms position mac closing_position closing_mac",
    ),
    Table("connectors.Origin", plain="id peer reference customer case_id code at"),
    Table(
        "connectors.Forgetting",
        plain="id case_id peer reference state asked_at next_at tries ended_at code",
    ),
    Table("connectors.Mirrored", plain="id case_id peer reference noted_at compared_at failed"),
    Table(
        "connectors.Drift",
        ids={"by": PROVE},
        plain="id public_id record_id field ours theirs state found_at resolved_at code",
    ),
    Table("connectors.Peer", plain="id name failures rests_until answered_at failed_at polled_at deals_at"),
    Table("connectors.Lookup", plain="id form company asked_at"),
    Table(
        "connectors.SuiteRun", ids={"by": PROVE}, plain="id public_id case_id suite cause started_at passed"
    ),
    Table("connectors.SuiteResult", plain="id run_id endpoint status milliseconds differences"),
    Table("connectors.Reading", plain="id case_id measure at value source"),
    Table("connectors.MeasureKey", ids={"by": PROVE}, plain="case_id digest made_at"),
    Table("connectors.SandboxRecord", sealed={"sealed": ONBOARD}, plain="id public_id model code created_at"),
    Table("connectors.Switch", plain="id peer mode"),
    Table(
        "connectors.Hook",
        ids={"by": WORK},
        plain="id public_id machine_id url kinds sealed sealed_before old_until made_at failing_since ended_at why_ended",
    ),
    Table(
        "connectors.Delivery",
        plain="id public_id hook_id event_id kind state tries queued_at next_at ended_at status code",
    ),
    Table(
        "connectors.Knock",
        sealed={"sealed": ONBOARD},
        plain="id connector key received_at handled_at state code",
    ),
]
