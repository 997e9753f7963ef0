"""All settings. Every difference between machines comes from the environment.

`.env.example` lists what can be set; a `.env` beside manage.py is read too.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.utils.translation import gettext_lazy as _
from kombu import Queue
from redis.backoff import NoBackoff
from redis.retry import Retry

from helpdesk.core.content_policy import content_security_policy
from helpdesk.core.embedded import EmbeddedPostgres, EmbeddedServer, EmbeddedValkey
from helpdesk.core.logging import logging_configuration
from helpdesk.core.production import refuse_what_is_unsafe
from helpdesk.core.schedule import QUEUES, SCHEDULE, broker_url
from helpdesk.core.secrets import (
    make_encryption_key,
    make_signing_key,
    secret_from_file,
)

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env")

# --- What this is -------------------------------------------------------------------
ENVIRONMENT = env.str("TRIBUTARY_ENV", default="local")
PRODUCTION = ENVIRONMENT == "production"
DEMO = env.bool("TRIBUTARY_DEMO", default=False)
# Whether customers of the sample desk write by themselves, and with what pauses.
DEMO_VISITORS = env.bool("TRIBUTARY_DEMO_VISITORS", default=True)
DEMO_PAUSE_SECONDS = env.list("TRIBUTARY_DEMO_PAUSE", cast=float, default=[20.0, 40.0])
DEBUG = env.bool("TRIBUTARY_DEBUG", default=False)
VERSION = "0.1.0"
DATA_DIR = Path(env.str("TRIBUTARY_DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
SECRETS_DIR = DATA_DIR / "secrets"
LOG_DIR = DATA_DIR / "log"

# --- Where it is reached ------------------------------------------------------------
BIND = env.str("TRIBUTARY_BIND", default="127.0.0.1")
WEB_PORT = env.int("TRIBUTARY_PORT", default=8000)
REALTIME_PORT = env.int("TRIBUTARY_REALTIME_PORT", default=8001)
SMTP_PORT = env.int("TRIBUTARY_SMTP_PORT", default=2525)
LMTP_PORT = env.int("TRIBUTARY_LMTP_PORT", default=0)
PUBLIC_URL = env.str("TRIBUTARY_URL", default=f"http://localhost:{WEB_PORT}").rstrip(
    "/"
)
_public = urlsplit(PUBLIC_URL)
ALLOWED_HOSTS = env.list(
    "TRIBUTARY_HOSTS",
    default=list(
        dict.fromkeys(
            [_public.hostname or "localhost"]
            + ([] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"])
        )
    ),
)
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]
# A proxy in front joins pages and sockets under one address; without it the browser
# has to be told the other port.
BEHIND_PROXY = env.bool("TRIBUTARY_BEHIND_PROXY", default=PRODUCTION)
REALTIME_PUBLIC_PORT = None if BEHIND_PROXY else REALTIME_PORT
# Only what these write into X-Forwarded-For is believed; addresses or networks.
TRUSTED_PROXIES = env.list(
    "TRIBUTARY_TRUSTED_PROXIES", default=["127.0.0.1", "::1"] if BEHIND_PROXY else []
)
# Servers of our own that outgoing requests may reach: names, addresses, networks.
OUTGOING_PRIVATE_HOSTS = env.list("TRIBUTARY_PRIVATE_HOSTS", default=[])
METRICS_TOKEN = env.str("TRIBUTARY_METRICS_TOKEN", default="")

# --- Secrets: from the environment, else made at first start ------------------------
SECRET_KEY = env.str("TRIBUTARY_SECRET_KEY", default="") or secret_from_file(
    SECRETS_DIR / "secret_key", make_signing_key
)
SECRET_KEY_FALLBACKS = env.list("TRIBUTARY_SECRET_KEY_FALLBACKS", default=[])
FIELD_ENCRYPTION_KEYS = env.list("TRIBUTARY_FIELD_KEYS", default=[]) or [
    secret_from_file(SECRETS_DIR / "field_key", make_encryption_key)
]
MAIL_TOKEN_KEYS = env.list("TRIBUTARY_MAIL_TOKEN_KEYS", default=[]) or [
    secret_from_file(SECRETS_DIR / "mail_token_key", make_signing_key)
]

# --- Apps ---------------------------------------------------------------------------
INSTALLED_APPS = [
    "whitenoise.runserver_nostatic",
    "helpdesk.accounts.admin_config.DeskAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "helpdesk.core.static_config.DeskStaticFilesConfig",
    "django.contrib.postgres",
    "rest_framework",
    "channels",
    "django_htmx",
    "template_partials",
    "anymail",
    "csp",
    "django_linear_migrations",
    "helpdesk.core",
    "helpdesk.accounts",
    "customers",
    "inbox",
    "channels_ingest",
    "helpdesk.chat",
    "helpdesk.api",
    "helpdesk.realtime",
    "helpdesk.rehearsal",
    "helpdesk.demo",
]
ROOT_URLCONF = "helpdesk.urls"
WSGI_APPLICATION = "helpdesk.wsgi.application"
ASGI_APPLICATION = "helpdesk.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MIDDLEWARE = [
    "helpdesk.core.middleware.RequestLog",
    "helpdesk.core.middleware.AnyHostForProbes",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "helpdesk.core.middleware.PermissionsPolicy",
    "csp.middleware.CSPMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "helpdesk.chat.middleware.NoCookies",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "helpdesk.accounts.middleware.AgentPreferences",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": [
                f"helpdesk.core.templatetags.{it}"
                for it in ("components", "remembering")
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "helpdesk.core.context_processors.installation",
                "inbox.context_processors.desk",
            ],
        },
    },
]

# --- Servers ------------------------------------------------------------------------
# Only what has no address of its own is started by `manage.py run`.
EMBEDDED_SERVERS: list[EmbeddedServer] = [
    *([] if "DATABASE_URL" in os.environ else [EmbeddedPostgres(DATA_DIR)]),
    *([] if "REDIS_URL" in os.environ else [EmbeddedValkey(DATA_DIR)]),
]
DATABASE_URL = env.str("DATABASE_URL", default="") or EmbeddedPostgres(DATA_DIR).url
REDIS_URL = env.str("REDIS_URL", default="") or EmbeddedValkey(DATA_DIR).url

# Persistent connections must not be used under ASGI; asgi.py turns them off.
_database = environ.Env.db_url_config(DATABASE_URL)
DATABASES = {
    "default": {
        **_database,
        "ENGINE": "django.db.backends.postgresql",
        # A new session has to plan every statement anew.
        "CONN_MAX_AGE": env.int("TRIBUTARY_CONN_MAX_AGE", default=3600),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 5,
            "application_name": env.str("TRIBUTARY_PROCESS", default="tributary"),
            "options": " ".join(
                f"-c {name}={value}"
                for name, value in {
                    "statement_timeout": env.str(
                        "TRIBUTARY_STATEMENT_TIMEOUT", default="0"
                    ),
                    "jit": "off",
                }.items()
            ),
            **_database.get("OPTIONS", {}),
        },
    }
}

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cache",
        "OPTIONS": {
            "serializer": "helpdesk.core.cache.JSONSerializer",
            "socket_connect_timeout": 2,
            "socket_timeout": 2,
            "retry": Retry(NoBackoff(), 0),
        },
    }
}

CHANNEL_LAYER_PREFIX = env.str("TRIBUTARY_CHANNEL_PREFIX", default="tributary")
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": CHANNEL_LAYER_PREFIX},
    }
}

# --- Who is signed in ---------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["helpdesk.accounts.backends.ThrottledBackend"]
LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 10}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
SESSION_ENGINE = "helpdesk.accounts.session_store"
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
SESSION_COOKIE_AGE = 14 * 24 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = env.bool("TRIBUTARY_SECURE_COOKIES", default=PRODUCTION)
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
# Two desks on one machine differ only by port, and cookies do not see ports.
_mark = "" if PRODUCTION else f"_{WEB_PORT}"
SESSION_COOKIE_NAME = f"{'__Host-' if PRODUCTION else ''}tributary_session{_mark}"
CSRF_COOKIE_NAME = f"{'__Host-' if PRODUCTION else ''}tributary_csrf{_mark}"

# --- What browsers are told ---------------------------------------------------------
SECURE_SSL_REDIRECT = env.bool("TRIBUTARY_SSL_REDIRECT", default=PRODUCTION)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
# Preloading binds a whole domain for good: only its owner can decide that.
SECURE_HSTS_PRELOAD = env.bool("TRIBUTARY_HSTS_PRELOAD", default=False)
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = content_security_policy(
    hosts=ALLOWED_HOSTS, realtime_port=REALTIME_PUBLIC_PORT
)

# --- Files --------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "files"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "helpdesk.core.static.StaticStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_KEEP_ONLY_HASHED_FILES = False
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
MAIL_MAX_BYTES = env.int("TRIBUTARY_MAIL_MAX_BYTES", default=25 * 1024 * 1024)
SMTP_BIND = env.str("TRIBUTARY_SMTP_BIND", default=BIND)
SMTP_HOSTNAME = env.str(
    "TRIBUTARY_SMTP_HOSTNAME", default=_public.hostname or "localhost"
)
SMTP_TLS_CERTIFICATE = env.str("TRIBUTARY_SMTP_TLS_CERTIFICATE", default="")
SMTP_TLS_KEY = env.str("TRIBUTARY_SMTP_TLS_KEY", default="")
SMTP_CONNECTIONS_PER_PEER = env.int("TRIBUTARY_SMTP_CONNECTIONS_PER_PEER", default=50)
# Base64 makes a mail a third larger, and providers wrap it in a form.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * MAIL_MAX_BYTES

# --- Languages and time -------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", _("English")),
    ("es", _("Spanish")),
    ("fr", _("French")),
    ("de", _("German")),
    ("ar", _("Arabic")),
    ("fa", _("Persian")),
    ("zh-hans", _("Chinese (simplified)")),
    ("zh-hant", _("Chinese (traditional)")),
    ("ja", _("Japanese")),
]
LOCALE_PATHS = [BASE_DIR / "helpdesk" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("TRIBUTARY_TIME_ZONE", default="UTC")

# --- Mail of the desk itself: invitations and password resets -----------------------
vars().update(env.email("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = env.str("TRIBUTARY_FROM", default="tributary@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- API ----------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.SessionAuthentication"
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}

# --- Background work ----------------------------------------------------------------
# PostgreSQL is the record of work. A task is only a doorbell: one that is lost or comes
# twice does no harm, and the schedule rings again.
CELERY_BROKER_URL = broker_url(REDIS_URL)
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_BACKEND = None
CELERY_TASK_QUEUES = [Queue(name) for name in QUEUES]
CELERY_TASK_DEFAULT_QUEUE = "sweep"
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 270
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_BROKER_CONNECTION_RETRY = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 2,
    "socket_timeout": 10,
    "socket_keepalive": True,
    "health_check_interval": 10,
    # What a killed worker held comes back after the longest that a task may take.
    "visibility_timeout": 600,
}
# The sender waits for nobody: the schedule sends again.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "helpdesk.core.beat:SteadyScheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat" / "schedule")
CELERY_BEAT_SCHEDULE = SCHEDULE

# A sender that is silent for so long is given up; longer than any send may take.
DELIVERY_LEASE_SECONDS = env.int("TRIBUTARY_DELIVERY_LEASE", default=120)

# --- Logs ---------------------------------------------------------------------------
LOG_FORMAT = env.str("TRIBUTARY_LOG_FORMAT", default="text")
LOG_LEVEL = env.str("TRIBUTARY_LOG_LEVEL", default="INFO")
LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = logging_configuration(style=LOG_FORMAT, level=LOG_LEVEL)

if PRODUCTION:
    refuse_what_is_unsafe(
        debug=DEBUG,
        demo=DEMO,
        public_url=PUBLIC_URL,
        hosts=ALLOWED_HOSTS,
        secure_cookies=SESSION_COOKIE_SECURE,
        secrets={
            "TRIBUTARY_SECRET_KEY": [SECRET_KEY],
            "TRIBUTARY_FIELD_KEYS": FIELD_ENCRYPTION_KEYS,
            "TRIBUTARY_MAIL_TOKEN_KEYS": MAIL_TOKEN_KEYS,
        },
    )
