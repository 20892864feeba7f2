"""Every choice is read from the environment, with an embedded default for each (docs/architecture.md).

A `NAME_FILE` variable gives the file that holds the value of `NAME`, for secrets mounted as files.
"""

import base64
import os
import re
import secrets
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from casebundle.journal import layer, postgres

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()


def _folder(path: Path) -> Path:
    """`path`, made where it is not there; what is wrong with it in one sentence."""
    try:
        # Evidence, letters with links, secrets: for the user that runs this alone.
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"The data folder {path} cannot be made ({error.strerror}). Give this user the right to write there, or "
            "choose another folder: CASEBUNDLE_DATA=/path/to/folder"
        ) from None
    return path


DATA_DIR = _folder(Path(os.environ.get("CASEBUNDLE_DATA") or BASE_DIR / "var").resolve())

DEBUG = False
# Production is what uses real servers: then nothing is made up and secrets must be given.
EMBEDDED = not env.str("DATABASE_URL", "")


def _secret(name: str, make: Any) -> str:
    """The secret `name` from the environment, else one made at first start and kept in the data folder."""
    value = env.str(name, "")
    if value:
        return value
    if not EMBEDDED:
        raise ImproperlyConfigured(f"{name} (or {name}_FILE) must be set when DATABASE_URL is.")
    kept = DATA_DIR / "secrets" / name.lower()
    try:
        _keep_secret(kept, make)
        return kept.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"{kept} cannot be made or read ({error.strerror}). Give this user the right to use {DATA_DIR}, or choose "
            "another folder: CASEBUNDLE_DATA=/path/to/folder"
        ) from None


def _keep_secret(kept: Path, make: Any) -> None:
    if not kept.exists():
        kept.parent.mkdir(mode=0o700, exist_ok=True)
        part = kept.with_suffix(f".{os.getpid()}")
        part.write_text(make())
        part.chmod(0o600)
        # Linking fails where another process came first, so that all processes share one secret.
        try:
            os.link(part, kept)
        except FileExistsError:
            pass
        part.unlink()


def _bytes_of(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""


SECRET_KEY = _secret("SECRET_KEY", lambda: secrets.token_urlsafe(50))
SIGNING_KEY = _secret("SIGNING_KEY", lambda: base64.b64encode(secrets.token_bytes(32)).decode())

if len(_bytes_of(SIGNING_KEY)) != 32:
    raise ImproperlyConfigured("SIGNING_KEY must be 32 bytes as base64, like: openssl rand -base64 32")

PORT = env.int("PORT", 8000)
PUBLIC_URL = env.str("PUBLIC_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
if not urlsplit(PUBLIC_URL).hostname:
    raise ImproperlyConfigured("PUBLIC_URL must be an address, like https://bundle.court.example")
# Where people reach us, and on a laptop whatever it calls itself.
_LAPTOP = ["127.0.0.1", "localhost", "[::1]", "testserver"] if EMBEDDED else []
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[str(urlsplit(PUBLIC_URL).hostname), *_LAPTOP])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[PUBLIC_URL])
HTTPS = PUBLIC_URL.startswith("https://")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "channels",
    "ninja",
    "casebundle.watching",
    "casebundle.journal",
    "casebundle.cases",
    "casebundle.bundles",
    "search",
    "casebundle.evidence",
    "annotations",
    "casebundle.courtroom",
    "casebundle.api",
    "casebundle.desk",
    "casebundle.running",
    "casebundle.demo",
]

MIDDLEWARE = [
    "casebundle.cases.middleware.HeadersMiddleware",
    # Before the host is looked at, or https asked for: probes ask a process by its address.
    "casebundle.running.middleware.ProbesMiddleware",
    "casebundle.watching.middleware.RouteMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "casebundle.cases.middleware.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "casebundle.cases.middleware.AccessMiddleware",
    # The innermost hears first of what a view raises.
    "casebundle.cases.mending.MendingMiddleware",
]

ROOT_URLCONF = "casebundle.urls"
ASGI_APPLICATION = "casebundle.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
FORM_RENDERER = "casebundle.cases.forms_renderer.GovukRenderer"

# --- database -----------------------------------------------------------------------------------
if EMBEDDED:
    DATABASES: dict[str, Any] = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "casebundle.sqlite3",
            # As long as its thread (cases/threads.py).
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                # Writers queue instead of failing half-way; what was acknowledged survives a power cut.
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                    "PRAGMA foreign_keys=ON; PRAGMA cache_size=-32000;"
                ),
            },
            # A file, not memory: tests have a worker and a server beside them.
            "TEST": {"NAME": DATA_DIR / "test.sqlite3"},
        }
    }
else:
    DATABASES = {"default": postgres.database(env)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


# --- files --------------------------------------------------------------------------------------
def _storage(url: str) -> dict[str, Any]:
    """`STORAGE_URL`: s3://BUCKET?endpoint=…&region=…&public=… (public: where browsers reach it, if elsewhere)."""
    if not url:
        return {
            "BACKEND": "casebundle.bundles.files.WholeFiles",
            "OPTIONS": {"location": DATA_DIR / "files", "base_url": None, "file_permissions_mode": 0o640},
        }
    parts = urlsplit(url)
    asked = dict(parse_qsl(parts.query))
    unknown = set(asked) - {"endpoint", "region", "public"}
    if parts.scheme != "s3" or not parts.netloc or parts.path.strip("/") or unknown:
        raise ImproperlyConfigured(
            "STORAGE_URL must be like s3://BUCKET?endpoint=https://s3.example&region=eu-west-2, with the key in "
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; leave it out for a folder."
        )
    return {
        "BACKEND": "casebundle.bundles.s3.WholeObjects",
        "OPTIONS": {
            "bucket_name": parts.netloc,
            "endpoint_url": asked.get("endpoint"),
            "region_name": asked.get("region") or env.str("AWS_DEFAULT_REGION", "") or "eu-west-2",
            "public": asked.get("public"),
            # Without these, botocore looks where it always looks: a profile, the machine's own role.
            "access_key": env.str("AWS_ACCESS_KEY_ID", "") or None,
            "secret_key": env.str("AWS_SECRET_ACCESS_KEY", "") or None,
            "security_token": env.str("AWS_SESSION_TOKEN", "") or None,
        },
    }


STORAGES: dict[str, Any] = {
    "default": _storage(env.str("STORAGE_URL", "")),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# For how many days nobody can delete an original from a bucket with object lock (0: as long as the bucket says), how
# strictly (COMPLIANCE or GOVERNANCE), and whether it is held until somebody lets it go.
STORAGE_RETENTION_DAYS = env.int("STORAGE_RETENTION_DAYS", 0)
STORAGE_RETENTION_MODE = env.str("STORAGE_RETENTION_MODE", "COMPLIANCE")
STORAGE_LEGAL_HOLD = env.bool("STORAGE_LEGAL_HOLD", False)
# How the bucket is asked to encrypt (AES256 or aws:kms, then with which key); "" where it does as it is set up.
STORAGE_SSE = env.str("STORAGE_SSE", "")
STORAGE_SSE_KEY = env.str("STORAGE_SSE_KEY", "")
# Originals larger than this (bytes) are fetched from the bucket itself, by an address good for a minute; 0: none are.
STORAGE_PRESIGN_ABOVE = env.int("STORAGE_PRESIGN_ABOVE", 16 * 1024**2)
# How much (bytes) of a bucket is kept beside the reader of PDFs, in the data folder.
STORAGE_CACHE_BYTES = env.int("STORAGE_CACHE_BYTES", 2 * 1024**3)
# The virus scanner: tcp://host:3310 or unix:/path; "" for none, and every receipt says so.
CLAMD_URL = env.str("CLAMD_URL", "")
if CLAMD_URL and not CLAMD_URL.startswith(("tcp://", "unix:/")):
    raise ImproperlyConfigured("CLAMD_URL must be like tcp://127.0.0.1:3310 or unix:/run/clamav/clamd.ctl")
# How the processes that open uploaded files must be confined (pdf/confinement.py): required (by the kernel, or no file
# is opened), best-effort (as far as this kernel goes; a laptop's own), external (you confine them in another way).
CONFINEMENT = env.str("CONFINEMENT", "") or ("best-effort" if EMBEDDED else "required")
if CONFINEMENT not in (("required", "best-effort", "external") if EMBEDDED else ("required", "external")):
    raise ImproperlyConfigured(
        "CONFINEMENT must be required or external (then you confine the processes that open files in another way); "
        "leave it out for required, where there is a DATABASE_URL."
    )
FILE_UPLOAD_TEMP_DIR = _folder(DATA_DIR / "tmp")
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
# The largest file taken in one request (bytes).
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", 2 * 1024**3)
# How many files one form may bring, and how many fields (bytes beside the files: DATA_UPLOAD_MAX_MEMORY_SIZE).
DATA_UPLOAD_MAX_NUMBER_FILES = 1000
# How many calls of the API a person may make in a minute.
API_PER_MINUTE = env.int("API_PER_MINUTE", 12_000)
# How often, in how many seconds, before it is answered with 429 (cases/limits.py). Whole courts sit behind one
# address, so what is counted by address is generous.
LIMITS = {
    "sign-in-here": (5, 300),
    "sign-in-account": (50, 3600),
    "sign-in-address": (100, 600),
    "sign-in-known": (10, 300),
    "reset": (5, 3600),
    "reset-address": (50, 3600),
    "secret": (50, 600),
    "token": (100, 60),
    "screen": (30, 600),
    "upload": (env.int("UPLOADS_PER_MINUTE", 600), 60),
    "note": (env.int("NOTES_PER_MINUTE", 600), 60),
    "search": (env.int("SEARCHES_PER_MINUTE", 3000), 60),
}
# Redis or Valkey between the processes: what they tell each other, and what they count together.
REDIS_URL = env.str("REDIS_URL", "")
if REDIS_URL and urlsplit(REDIS_URL).scheme not in ("redis", "rediss", "unix"):
    raise ImproperlyConfigured("REDIS_URL must be like redis://user:password@host:6379/0")
# For counts that are too many for the database: in each process, unless there is a cache that they share.
if REDIS_URL and not env.str("CACHE_URL", ""):
    CACHES: dict[str, Any] = layer.caches(REDIS_URL, SECRET_KEY)
else:
    CACHES = {"default": env.cache_url("CACHE_URL", default="locmemcache://")}

STATIC_URL = "/static/"
WHITENOISE_ALLOW_ALL_ORIGINS = False
# Made from the code, so beside the code: data is what would be missed.
STATIC_ROOT = BASE_DIR / "staticfiles"
# What comes from npm is copied into static/build by scripts/setup.py: only what a page asks for.
STATICFILES_DIRS = [BASE_DIR / "static"]

# --- search, live, tasks ------------------------------------------------------------------------
SEARCH_DIR = DATA_DIR / "search"
# https://user:password@host:9200; the names of its indexes begin with OPENSEARCH_INDEX. A certificate that this machine
# does not know is checked against OPENSEARCH_CA_FILE.
OPENSEARCH_URL = env.str("OPENSEARCH_URL", "")
OPENSEARCH_INDEX = env.str("OPENSEARCH_INDEX", "casebundle")
OPENSEARCH_CA_FILE = env.str("OPENSEARCH_CA_FILE", "")
OPENSEARCH_SHARDS = env.int("OPENSEARCH_SHARDS", 1)
if OPENSEARCH_URL and not re.fullmatch(r"https?://[^/]+(/.*)?", OPENSEARCH_URL):
    raise ImproperlyConfigured("OPENSEARCH_URL must be an address, like https://user:password@host:9200")
if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,79}", OPENSEARCH_INDEX):
    raise ImproperlyConfigured("OPENSEARCH_INDEX must be of small letters, digits, - and _")
CHANNEL_LAYERS: dict[str, Any] = (
    layer.channel_layers(REDIS_URL, SECRET_KEY)
    if REDIS_URL
    else {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 1000}}}
)
# Whether there may be other server processes: then they tell each other who is there, by way of the database.
SEVERAL_WEBS = bool(REDIS_URL) or not EMBEDDED
# How long (seconds) a process that is to end still serves, so that whoever shares requests out can notice.
DRAIN_SECONDS = env.float("DRAIN_SECONDS", 0.0)
# How often a process looks for journal entries that the channel layer did not bring (seconds): the layer may
# lose messages, and the embedded one does not reach from the worker to the server at all.
LIVE_SWEEP_SECONDS = 0.25
# A worker that says nothing of what it has in hand for so long (seconds) is dead: another takes it over.
LEASE_SECONDS = env.int("LEASE_SECONDS", 90)
# How long (seconds) the picture of a page, opening a file, and the words of a page may take: at first, and once more
# behind everything else. What does not end then is remembered for so many hours.
DRAW_SECONDS = env.float("DRAW_SECONDS", 4)
DRAW_LONG_SECONDS = env.float("DRAW_LONG_SECONDS", 30)
READ_SECONDS = env.float("READ_SECONDS", 6)
READ_LONG_SECONDS = env.float("READ_LONG_SECONDS", 60)
FAILURES_REMEMBERED_HOURS = env.float("FAILURES_REMEMBERED_HOURS", 24)
# How long (seconds) a worker reads one file while others wait; then it goes on behind them.
READ_TURN_SECONDS = env.float("READ_TURN_SECONDS", 15)
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}

# --- people -------------------------------------------------------------------------------------
AUTH_USER_MODEL = "cases.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "casebundle.cases.passwords.GuessedFirst"},
]
# Those of before are upgraded when their owner signs in.
PASSWORD_HASHERS = [
    "casebundle.cases.hashers.Argon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
# How long a link to a new password works (seconds).
PASSWORD_RESET_TIMEOUT = 3600
ACCOUNT_ADAPTER = "casebundle.cases.adapter.InvitationOnly"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_FORMS = {
    "reset_password": "casebundle.cases.account_forms.ResetForm",
    "change_password": "casebundle.cases.account_forms.ChangeForm",
}
# What is guessed is counted by cases/limits.py, in the database; allauth would stop a court that signs in at ten.
ACCOUNT_RATE_LIMITS = {"login": "", "login_failed": "", "reset_password": ""}
# How long (seconds) a password that was given counts for what lasts, like a new token (cases/again.py).
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "cases:list"
INVITATION_DAYS = 14
# How long the code of an evidence screen works where nobody closes its hearing.
SCREEN_DAYS = 31
# How long an API token works where nothing else is said, and at most.
TOKEN_DAYS, TOKEN_DAYS_MOST = 90, 366

SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS and env.bool("SECURE_SSL_REDIRECT", True)
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
# Whether there is a proxy before us that writes X-Forwarded-Proto and X-Forwarded-For itself.
TRUST_PROXY = env.bool("TRUST_PROXY", False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUST_PROXY else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# --- e-mail -------------------------------------------------------------------------------------
if env.str("EMAIL_URL", ""):
    vars().update(env.email("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mail"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "casebundle <no-reply@casebundle.example>")

# --- language and time --------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", _("English")), ("cy", _("Welsh"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_AGE = 365 * 86400
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/London"

# --- those who run it ---------------------------------------------------------------------------
# The counters: on a port of their own, or at /metrics for who has the token; else nowhere.
METRICS_PORT = env.int("METRICS_PORT", 0)
METRICS_HOST = env.str("METRICS_HOST", "127.0.0.1")
METRICS_TOKEN = env.str("METRICS_TOKEN", "")
# One JSON object a line for programs, on servers; for people who look at it, lines.
LOG_FORMAT = env.str("LOG_FORMAT", "" if EMBEDDED or sys.stderr.isatty() else "json") or "plain"
if LOG_FORMAT not in ("json", "plain"):
    raise ImproperlyConfigured("LOG_FORMAT must be json or plain.")
_level = env.str("LOG_LEVEL", "WARNING").upper()
# Each request, socket and task: one line, where lines are for programs.
_each = env.str("LOG_LEVEL", "INFO").upper() if LOG_FORMAT == "json" else _level
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"()": "casebundle.watching.logs.Plain"},
        "json": {"()": "casebundle.watching.logs.Json"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": _level},
    "loggers": {
        # A page that is not there is an answer, not an event.
        "django.request": {"level": "ERROR"},
        # While the database is away it says so several times a second; cases/mending.py has said it, with what to do.
        "psycopg.pool": {"level": "ERROR"},
        # What it logs by itself is told by watching/tasks.py; a worker's command would turn it up.
        "casebundle.requests": {"level": _each},
        "casebundle.tasks": {"level": _each},
    },
}
