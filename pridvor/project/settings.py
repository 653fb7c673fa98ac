"""Django's settings. What an installation may choose stands in environment.py; the rest is decided here."""

from datetime import timedelta
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from pridvor.accounts import single_sign_on
from pridvor.lib import aead
from pridvor.project import embedded, environment, keys

BASE_DIR = environment.ROOT
DATA = environment.data_folder()
DEMO = environment.flag("PRIDVOR_DEMO")
KEYS = keys.held()
SECRET_KEY = aead.derive(KEYS["session"], "django").hex()
OUTSIDE = environment.outside()  # folders for checkpoints and erasures, apart from the database
DEBUG = False

PUBLIC_URL = environment.get("PRIDVOR_URL").rstrip("/")
_public = urlsplit(PUBLIC_URL)
SECURE = _public.scheme == "https"
ALLOWED_HOSTS = [
    _public.hostname or "localhost",
    "localhost",
    "127.0.0.1",
    *filter(None, environment.get("PRIDVOR_HOSTS").split(",")),
]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "pridvor.ui",
    "pridvor.company",
    "pridvor.accounts",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.socialaccount.providers.saml",
    "allauth.idp.oidc",
    "django_htmx",
    "lucide",
    "procrastinate.contrib.django",
    "pridvor.vault",
    "pridvor.journeys",
    "pridvor.clients",
    "pridvor.cases",
    "pridvor.documents",
    "pridvor.connectors",
    "pridvor.checks",
    "pridvor.notifications",
    "pridvor.sla",
    "pridvor.insights",
    "pridvor.evidence",
    "pridvor.privacy",
    "pridvor.portal",
    "pridvor.desk",
    "pridvor.oversight",
    "pridvor.api",
    "pridvor.project",
]

MIDDLEWARE = [
    "pridvor.project.requests.Traced",
    "pridvor.project.headers.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "pridvor.project.locality.Local",
    "pridvor.project.requests.Slashes",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "pridvor.project.scoping.Scoping",
    "django.contrib.messages.middleware.MessageMiddleware",
    "pridvor.accounts.limits.SessionLimits",
    "pridvor.portal.support.ReadOnly",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "pridvor.project.urls"
WSGI_APPLICATION = "pridvor.project.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "pridvor.project.context.company",
            ],
        },
    },
]

_urls = embedded.urls(DATA / "postgresql")
DATABASES = {
    "default": environment.database(environment.get("DATABASE_URL") or _urls.default),
    "vault": environment.database(environment.get("VAULT_DATABASE_URL") or _urls.vault),
}
DATABASE_ROLES = {  # who connects: the application, and for `pridvor migrate` the tables' owner (see project.walls)
    "application": {alias: dict(parts) for alias, parts in DATABASES.items()},
    "owner": {
        "default": environment.owner("DATABASE_URL", _urls.default_owner),
        "vault": environment.owner("VAULT_DATABASE_URL", _urls.vault_owner),
    },
}
DATABASE_ROUTERS = ["pridvor.project.databases.Router"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {  # shared by all processes: sign-in limits are exact only with a cache that all of them see
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"},
}

# People who sign in: staff. Clients have no account; they prove their e-mail address with a code (clients.sign_in).
AUTH_USER_MODEL = "accounts.Staff"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "pridvor.accounts.passwords.ContextWords"},
]
ACCOUNT_ADAPTER = "pridvor.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ALLAUTH_TRUSTED_PROXY_COUNT = int(environment.get("PRIDVOR_PROXIES"))
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/desk/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a changed password or factor is told by mail
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300  # seconds, before factors are changed
SOCIALACCOUNT_LOGIN_ON_GET = (
    True  # a form may not lead to another site (form-action); the state guards the way back
)
SOCIALACCOUNT_ADAPTER = "pridvor.accounts.adapters.SocialAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS = single_sign_on.providers(
    {
        "url": environment.get("PRIDVOR_OIDC"),
        "client": environment.get("PRIDVOR_OIDC_CLIENT"),
        "secret": environment.get("PRIDVOR_OIDC_SECRET"),
        "name": environment.get("PRIDVOR_OIDC_NAME"),
        "proves_mail": environment.get("PRIDVOR_OIDC_PROVES_MAIL"),
    },
    {
        "metadata": environment.get("PRIDVOR_SAML"),
        "entity": environment.get("PRIDVOR_SAML_ENTITY"),
        "name": environment.get("PRIDVOR_SAML_NAME"),
    },
)
MFA_ADAPTER = "pridvor.accounts.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_ISSUER = "Pridvor"
MFA_TOTP_TOLERANCE = (
    1  # one step of 30 s either way, for clocks that differ (RFC 6238, 5.2); a code works once
)
IDP_OIDC_ADAPTER = "pridvor.accounts.adapters.MachineAdapter"
IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN = 900  # seconds
STAFF_IDLE = timedelta(minutes=int(environment.get("PRIDVOR_STAFF_IDLE")))
CLIENT_IDLE = timedelta(minutes=int(environment.get("PRIDVOR_CLIENT_IDLE")))
STAFF_SESSION = CLIENT_SESSION = timedelta(hours=12)
CLIENT_LOGIN_URL = "portal:track"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
CSRF_FAILURE_VIEW = "pridvor.project.errors.csrf"

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_SSL_REDIRECT = False
SILENCED_SYSTEM_CHECKS = [
    "security.W008",  # leading people to https is the proxy's: machines that come in clear must notice (ASVS 4.1.2)
    "security.W021",  # whether a whole domain goes on browsers' preload list is for its owner to decide
]
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if int(environment.get("PRIDVOR_PROXIES")) else None
)
X_FRAME_OPTIONS = "DENY"

LANGUAGE_CODE = "en"
LANGUAGES = [("ro", _("Romanian")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = "Europe/Bucharest"

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# Uploads are encrypted while they arrive (documents.receive); Django's own handlers would spool them to a disk.
FILE_UPLOAD_HANDLERS = ["pridvor.documents.intake.RefuseFiles"]
MAX_UPLOAD = int(environment.get("PRIDVOR_MAX_UPLOAD_MB")) * 1_000_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DOCUMENTS = DATA / "documents"

COMPANY = {
    "name": environment.get("PRIDVOR_COMPANY"),
    "contact": environment.get("PRIDVOR_CONTACT"),
    "phone": environment.get("PRIDVOR_CONTACT_PHONE"),
    "email": environment.get("PRIDVOR_CONTACT_EMAIL"),
}
CLAMD = environment.get("PRIDVOR_CLAMD")
OCR = environment.get("PRIDVOR_OCR")
SEAL_FILE = environment.get("PRIDVOR_SEAL")
SEAL_PASSWORD = environment.get("PRIDVOR_SEAL_PASSWORD")
TSA = environment.get("PRIDVOR_TSA") or ("stand-in" if DEMO else "")
TRUST_FOLDER = environment.get("PRIDVOR_TRUST") or (str(DATA / "trust") if DEMO else "")
SMTP_URL = environment.get("PRIDVOR_SMTP")
EMAIL_BACKEND = "pridvor.notifications.backend.Backend"
DEFAULT_FROM_EMAIL = environment.get("PRIDVOR_SENDER")
REGISTRY_URL = environment.get("PRIDVOR_REGISTRY")
VIES_URL = environment.get("PRIDVOR_VIES")
ERP_URL = environment.get("PRIDVOR_ERP")
ERP_KEY = environment.get("PRIDVOR_ERP_KEY")
SANCTIONS = environment.get("PRIDVOR_SANCTIONS")
RESCREEN_AFTER = timedelta(days=int(environment.get("PRIDVOR_RESCREEN_DAYS")))
SERVICES = environment.services()
CONNECTORS = environment.connectors()
CALLS_AT_ONCE = int(environment.get("PRIDVOR_CALLS_AT_ONCE"))
SECRET_STORE = environment.get("PRIDVOR_SECRET_STORE").rstrip("/")
SECRET_STORE_TOKEN = environment.get("PRIDVOR_SECRET_STORE_TOKEN")
PROBE_ALLOW = tuple(filter(None, environment.get("PRIDVOR_PROBE_ALLOW").replace(" ", "").split(",")))

API_RATE = int(environment.get("PRIDVOR_API_RATE"))

JOURNEYS = BASE_DIR / "journeys"

METRICS_TOKEN = environment.get("PRIDVOR_METRICS_TOKEN")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "json": {"()": "pridvor.project.logs.Lines"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": environment.get("PRIDVOR_LOG")}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"pridvor.security": {"level": environment.get("PRIDVOR_SECURITY_LOG").upper()}},
}
