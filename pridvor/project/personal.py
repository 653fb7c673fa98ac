"""What the tables of Django, allauth and the job queue hold of people (see lib.data_map)."""

from pridvor.lib.data_map import GUARD, IDENTIFY, Table

TABLES = [
    Table("auth.Permission", plain="id name content_type_id codename"),
    Table("auth.Group_permissions", plain="id group_id permission_id"),
    Table("auth.Group", plain="id name"),
    Table("contenttypes.ContentType", plain="id app_label model"),
    Table("sessions.Session", clear={"session_key session_data expire_date": IDENTIFY}),
    Table(
        "account.EmailAddress", ids={"user_id": GUARD}, clear={"email verified primary": GUARD}, plain="id"
    ),
    Table("account.EmailConfirmation", clear={"key": GUARD}, plain="id email_address_id created sent"),
    Table(
        "mfa.Authenticator",
        ids={"user_id": GUARD},
        clear={"type data created_at last_used_at": GUARD},
        plain="id",
    ),
    Table(
        "usersessions.UserSession",
        ids={"user_id": GUARD},
        clear={"ip last_seen_at session_key user_agent data": GUARD},
        plain="id created_at",
    ),
    Table("socialaccount.SocialApp", plain="id provider provider_id name client_id secret key settings"),
    Table(
        "socialaccount.SocialAccount",
        ids={"user_id": GUARD},
        clear={"uid last_login date_joined extra_data": GUARD},
        plain="id provider",
    ),
    Table(
        "socialaccount.SocialToken",
        clear={"token token_secret": GUARD},
        plain="id app_id account_id expires_at",
    ),
    Table(
        "allauth_idp_oidc.Client",
        ids={"owner_id": GUARD},
        plain="id name secret scopes default_scopes type grant_types redirect_uris cors_origins allow_uri_wildcards "
        "response_types skip_consent created_at data",
    ),
    Table(
        "allauth_idp_oidc.Token",
        ids={"user_id": GUARD},
        plain="id type hash client_id data created_at expires_at scopes",
    ),
    Table("procrastinate.ProcrastinateWorker", plain="id last_heartbeat"),
    Table(
        "procrastinate.ProcrastinateJob",
        plain="id queue_name task_name priority lock args status scheduled_at attempts queueing_lock abort_requested worker_id",
    ),
    Table("procrastinate.ProcrastinateEvent", plain="id job_id type at"),
    Table(
        "procrastinate.ProcrastinatePeriodicDefer", plain="id task_name defer_timestamp job_id periodic_id"
    ),
]
