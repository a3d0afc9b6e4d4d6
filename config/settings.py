"""The settings, all of them from the environment; docs/operations.md lists the variables."""

import os
import sys
import warnings
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from config import __version__, embedded, secret
from config.api_description import DESCRIPTION
from config.databases import database_for_owner, database_from_address, database_from_url, with_pool
from config.grants import FUNCTION_GRANTS as FUNCTION_GRANTS
from config.grants import TABLE_GRANTS as TABLE_GRANTS
from config.logs import logging_settings
from config.mail import MAIL_SETTINGS
from config.replica import read_replica
from config.schedules import SCHEDULES
from config.sidebar import UNFOLD as UNFOLD
from config.surroundings import refuse_half_a_server

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = __version__


def _flag(name: str, *, default: bool) -> bool:
    return os.environ.get(name, str(default)).strip().lower() in {"1", "true", "yes", "on"}


def _words(name: str, *, default: str = "") -> list[str]:
    return os.environ.get(name, default).replace(",", " ").split()


# --- Where we are -----------------------------------------------------------------------------------------------------

DATABASE_URL = os.environ.get("DATABASE_URL", "")
#: As whom migrations run, who owns the tables: only `migrate` is given it. Without it, the one of DATABASE_URL does.
MIGRATE_DATABASE_URL = os.environ.get("MIGRATE_DATABASE_URL", "")
REDIS_URL = os.environ.get("REDIS_URL", "")
DATA_DIR = Path(os.environ.get("DATA_DIR") or BASE_DIR / ".data").expanduser().resolve()

DEBUG = _flag("DEBUG", default=False)

#: These commands never connect, so they start nothing.
_CONNECTS = sys.argv[1:2] not in (["help"], ["version"])

#: Said to be a person's own machine, whatever else is set; what it lacks is started for it.
FLEET_LOCAL = _flag("FLEET_LOCAL", default=False)
if _CONNECTS and not FLEET_LOCAL:
    refuse_half_a_server(os.environ)

#: A person's own machine: a key of its own, plain HTTP, static files from where they lie. A server is given a database.
LOCAL = DEBUG or FLEET_LOCAL or not DATABASE_URL

SECRET_KEY = os.environ.get("SECRET_KEY") or secret.local_key(DATA_DIR, local=LOCAL)
#: Keys of before, which sessions and links were signed with: good for reading them until they are taken out.
SECRET_KEY_FALLBACKS = _words("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = _words("ALLOWED_HOSTS", default="localhost 127.0.0.1 [::1]" if LOCAL else "")
CSRF_TRUSTED_ORIGINS = _words("CSRF_TRUSTED_ORIGINS")

# --- Stores: those given, or our own ----------------------------------------------------------------------------------

#: Threads that may use the database at once in this process, and the connections in its pool.
WORKER_THREADS = int(os.environ.get("WORKER_THREADS", "16"))

#: Web processes and Celery processes of the whole installation, on all machines: each process knows only of itself.
WEB_PROCESSES = int(os.environ.get("WEB_PROCESSES") or (1 if LOCAL else 4))
CELERY_PROCESSES = int(os.environ.get("CELERY_PROCESSES") or 6)

#: Off where a process has one thread and forks (a Celery worker): a pool must not be shared over a fork.
DATABASE_POOL = _flag("DATABASE_POOL", default=True)

_address = embedded.NOT_STARTED
if _CONNECTS and sys.argv[1:2] != ["collectstatic"] and not (DATABASE_URL and REDIS_URL):
    _address = embedded.hold(DATA_DIR, needs_postgres=not DATABASE_URL, needs_redis=not REDIS_URL)

REDIS_URL = REDIS_URL or _address.redis_url

_product = database_from_url(DATABASE_URL) if DATABASE_URL else database_from_address(_address, _address.postgres_role)
OWNER_DATABASE = (
    database_for_owner(MIGRATE_DATABASE_URL, _product)
    if DATABASE_URL
    else (database_from_address(_address, _address.postgres_owner))
)
#: The role that the product works as; what it may do is in `config/grants.py`.
DATABASE_ROLE = _product["USER"]
# These commands make tables, or a database; two more read, or write, all of one.
MIGRATES = sys.argv[1:2] in (["migrate"], ["write_guards"], ["restore"])
_is_owner = MIGRATES or sys.argv[1:2] == ["backup"]
# The owner's commands have one connection: what is wrong with it is told at once, and not after the pool has tried.
_threads = WORKER_THREADS if DATABASE_POOL and not _is_owner else 0
DATABASES = {"default": with_pool(OWNER_DATABASE if _is_owner else _product, threads=_threads)}
#: What reports and files are read from while it lacks nothing that is older than so many seconds (`core.replica`).
REPLICA_DATABASE = read_replica(os.environ.get("REPLICA_DATABASE_URL", ""))
REPLICA_LAG_SECONDS = int(os.environ.get("REPLICA_LAG_SECONDS") or 10)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- What it is made of -----------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "config.admin_site.UnfoldConfig",  # before the admin, whose templates it replaces
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.simple_history",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "simple_history",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "core",
    "ledger",
    "leases",
    "repairs",
    "loans",
    "curb",
    "tickets",
    "golive",
    "dtr",
    "config",
]

MIDDLEWARE = [
    "core.api.request_ids.name_request",
    "config.watching.requests.count_requests",
    "config.watching.inside.answer_inside",  # before any looks at the host, or for HTTPS
    "django.middleware.security.SecurityMiddleware",
    "core.doors.headers.tell_browsers",
    "django.middleware.gzip.GZipMiddleware",  # with random bytes in each answer, so that lengths tell nothing (BREACH)
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "core.doors.sessions.SessionEnd",
    "core.doors.second_step.SecondStep",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "config.refusals.UnreadableRefusal",
    "core.doors.log.log_refusals",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

#: Why a row was changed may be as long as any reason.
SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
# Axes first: what is locked is not even looked at.
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

REST_FRAMEWORK = {
    # Tokens first: the first one's challenge is what an unknown client is answered with.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "core.api.authentication.BearerAuthentication",
        "core.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["core.api.renderers.ExactJSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "core.api.renderers.QuickNegotiation",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "core.api.problems.handle_exception",
    "COERCE_DECIMAL_TO_STRING": True,
    "LIST_SERIALIZER_ERRORS_AS_DICT": True,
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = DESCRIPTION

#: Requests a minute of one token, or of one user who is logged in; and of one address without a good token. 0: any.
API_REQUESTS_PER_MINUTE = int(os.environ.get("API_REQUESTS_PER_MINUTE", "600"))
API_REFUSED_PER_MINUTE = int(os.environ.get("API_REFUSED_PER_MINUTE", "60"))

# --- Mail: EMAIL_URL, DEFAULT_FROM_EMAIL, ADMIN_EMAILS ----------------------------------------------------------------

#: Django's settings by their names. Without a server first passwords are shown on a page, and no link is mailed.
globals().update(MAIL_SETTINGS)
MAIL_IS_SET: bool = MAIL_SETTINGS["MAIL_IS_SET"]

# --- The doors: failed sign-ins, sessions -----------------------------------------------------------------------------

#: Failed sign-ins within so many minutes that lock: of a name from one address, of all from one address, and of a name
#: from anywhere. As long after the last of them it may be tried again.
SIGN_IN_FAILURES = int(os.environ.get("SIGN_IN_FAILURES", "5"))
SIGN_IN_FAILURES_OF_ADDRESS = int(os.environ.get("SIGN_IN_FAILURES_OF_ADDRESS", "50"))
SIGN_IN_FAILURES_OF_USER = int(os.environ.get("SIGN_IN_FAILURES_OF_USER", "100"))
AXES_COOLOFF_TIME = timedelta(minutes=int(os.environ.get("SIGN_IN_LOCK_MINUTES", "15")))
AXES_FAILURE_LIMIT = SIGN_IN_FAILURES
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_HANDLER = "core.doors.locks.Locks"
AXES_CLIENT_IP_CALLABLE = "core.doors.addresses.host_of"
AXES_USERNAME_CALLABLE = "core.doors.locks.name_of"
AXES_LOCKOUT_CALLABLE = "core.doors.locks.answer_locked"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
# The log is our own (core/doors/log.py), and so are the pages.
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

#: A session ends with the browser, after so many minutes without use, and after so many hours in any case.
SESSION_IDLE_MINUTES = int(os.environ.get("SESSION_IDLE_MINUTES", "30"))
SESSION_HOURS = int(os.environ.get("SESSION_HOURS", "12"))
SESSION_ENGINE = "core.doors.sessions"
SESSION_COOKIE_AGE = SESSION_HOURS * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

#: Roles that must have an authenticator (Supervisor, Administrator for superusers, …): nothing opens before.
TOTP_REQUIRED_ROLES = _words("TOTP_REQUIRED_ROLES")
OTP_TOTP_ISSUER = "Fleet ledger"

#: How many days an entry of the log of sign-ins and refusals is kept; the database lets none go before 30.
ACCESS_KEEP_DAYS = max(30, int(os.environ.get("ACCESS_KEEP_DAYS", "400")))

#: How many days a run of the audits is kept that found nothing; the database lets none go before 30, nor ever one with
#: findings.
AUDIT_KEEP_DAYS = max(30, int(os.environ.get("AUDIT_KEEP_DAYS", "400")))

# --- CURB, the meter vendor's web service: not asked while one of these is missing ------------------------------------

CURB_URL = os.environ.get("CURB_URL", "")
CURB_USER_ID = os.environ.get("CURB_USER_ID", "")
CURB_PASSWORD = os.environ.get("CURB_PASSWORD", "")
CURB_MERCHANT = os.environ.get("CURB_MERCHANT", "")

# --- The counter: a payment that looks like a mistake is asked about once before it is taken --------------------------

#: The same amount of the same driver again within so many minutes.
ASK_SAME_AMOUNT_MINUTES = int(os.environ.get("ASK_SAME_AMOUNT_MINUTES", "10"))
#: The same check number: of the same driver within so many days; of anybody, with the same amount, within so many.
ASK_CHECK_NUMBER_DAYS = int(os.environ.get("ASK_CHECK_NUMBER_DAYS", "180"))
ASK_CHECK_AND_AMOUNT_DAYS = int(os.environ.get("ASK_CHECK_AND_AMOUNT_DAYS", "7"))
#: More than is owed, will be by Saturday, or is missing of a deposit, by more than so many dollars.
ASK_ABOVE_EXPECTED = Decimal(os.environ.get("ASK_ABOVE_EXPECTED", "500.00"))

# --- Webhooks ---------------------------------------------------------------------------------------------------------

#: Whether events are sent to addresses inside one's own network too, and without TLS. Whoever may add an address could
#: then reach what only this machine may.
WEBHOOK_ALLOW_PRIVATE = _flag("WEBHOOK_ALLOW_PRIVATE", default=False)
#: An endpoint is paused when it took nothing, so many times in a row; each time it is left alone for twice as long.
WEBHOOK_PAUSE_AFTER = int(os.environ.get("WEBHOOK_PAUSE_AFTER", "20"))
#: How many days a delivery that is over stays in the log.
WEBHOOK_KEEP_DAYS = int(os.environ.get("WEBHOOK_KEEP_DAYS", "90"))

# --- Tickets ----------------------------------------------------------------------------------------------------------

#: So many days after its issue a violation or a summons must be answered.
ANSWER_WITHIN_DAYS = int(os.environ.get("ANSWER_WITHIN_DAYS", "30"))

# --- Whose documents they are -----------------------------------------------------------------------------------------

#: Printed on every paper, and sealed with each DTR: the fleet's name, its address in one line, its telephone number.
FLEET_NAME = os.environ.get("FLEET_NAME") or "Our fleet"
FLEET_ADDRESS = os.environ.get("FLEET_ADDRESS", "")
FLEET_PHONE = os.environ.get("FLEET_PHONE", "")
#: A folder of fonts that papers are set in besides our own, for a script that those lack.
FONTS_DIR = os.environ.get("FONTS_DIR", "")

# --- Watching ---------------------------------------------------------------------------------------------------------

#: Fewer megabytes free in DATA_DIR are a trouble.
DISK_LEAST_MB = int(os.environ.get("DISK_LEAST_MB", "500"))
#: Whoever shows it reads /metrics; without one there is no such page.
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")
PROMETHEUS_LATENCY_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, float("inf"))

# --- Language and clock -----------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en-us"
TIME_ZONE = "America/New_York"
FORMAT_MODULE_PATH = "config.formats"
USE_TZ = True

# --- Static files -----------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
#: What stands here is served in place of a package's file of the same name.
STATICFILES_DIRS = [BASE_DIR / "core" / "overrides"]
STATIC_ROOT = BASE_DIR / ".static"
# A server's files come from `collectstatic`.
WHITENOISE_USE_FINDERS = LOCAL
STORAGES = {
    # Uploads are rows, so every host has them.
    "default": {"BACKEND": "core.storage.DatabaseStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if LOCAL
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
#: Where uploads lay before; `manage.py move_uploads` carries them over, and until then they are read there.
MEDIA_ROOT = DATA_DIR / "media"

# --- Backups: `manage.py backup` and `manage.py restore` --------------------------------------------------------------

BACKUP_DIR = Path(os.environ.get("BACKUP_DIR") or DATA_DIR / "backups").expanduser().resolve()
#: Public keys of age, separated by spaces: whoever has one of the secret ones can restore.
BACKUP_RECIPIENT = _words("BACKUP_RECIPIENT")
#: The file with a secret key. It is needed to restore, and best kept elsewhere until then.
BACKUP_IDENTITY = os.environ.get("BACKUP_IDENTITY", "")

# WhiteNoise under ASGI reads a file in one go, which is what we want of small files, and Django says so at each one.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
if LOCAL:
    warnings.filterwarnings("ignore", message="No directory at", module="django.core.handlers.base")
    warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")

# --- Celery -----------------------------------------------------------------------------------------------------------

# Celery and the Redis client name a socket differently.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_IGNORE_RESULT = True  # the state of work is in the database, so there is no result backend
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BEAT_SCHEDULER = "config.beat:SigningScheduler"
CELERY_BEAT_SCHEDULE = SCHEDULES

# --- Security: strict unless it is a person's own machine -------------------------------------------------------------

SESSION_COOKIE_SECURE = not LOCAL
CSRF_COOKIE_SECURE = not LOCAL
if not LOCAL:
    # A browser takes cookies of such names over HTTPS alone, from this host alone and for all of it.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
CSRF_FAILURE_VIEW = "config.refusals.stale_form"
SECURE_SSL_REDIRECT = not LOCAL
SECURE_HSTS_SECONDS = 0 if LOCAL else 365 * 24 * 3600
# Both bind names that are not ours, and preload for years: only who owns the whole domain can say so.
SECURE_HSTS_INCLUDE_SUBDOMAINS = _flag("HSTS_INCLUDE_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = _flag("HSTS_PRELOAD", default=False)
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
#: What a page may load and run: our own files. No script stands within a page. Alpine, by which Unfold's menus open,
#: makes functions of its attributes ('unsafe-eval'); bars of Home and Unfold's widths are attributes of style.
CONTENT_SECURITY_POLICY = {
    "default-src": ["'self'"],
    "script-src": ["'self'", "'unsafe-eval'"],
    "script-src-attr": ["'none'"],
    "style-src": ["'self'"],
    "style-src-attr": ["'unsafe-inline'"],
    "img-src": ["'self'", "data:"],
    "object-src": ["'none'"],
    "base-uri": ["'self'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}
#: A proxy sets X-Forwarded-Proto itself, whatever the client sent, and adds the client to X-Forwarded-For.
BEHIND_PROXY = _flag("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOGGING = logging_settings(level=os.environ.get("LOG_LEVEL", "INFO"), form=os.environ.get("LOG_FORMAT", "line"))
