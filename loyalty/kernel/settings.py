"""The settings of an installation, read once from the environment."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from loyalty.kernel.boot import TRUE, UnsafeSettings, refuse_unsafe

__all__ = ["Settings", "UnsafeSettings"]


CARRIERS = (
    "LOYALTY_PUBLIC_URL",
    "LOYALTY_MAIL_URL",
    "LOYALTY_MAIL_FROM",
    "LOYALTY_SMS_KEY_ID",
    "LOYALTY_SMS_KEY_SECRET",
    "LOYALTY_SMS_SIGN",
    "LOYALTY_SMS_CODE_TEMPLATE",
    "LOYALTY_SMS_URL",
    "LOYALTY_WECHAT_APP_ID",
    "LOYALTY_WECHAT_APP_SECRET",
    "LOYALTY_WECHAT_URL",
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What an installation may set; each field is the variable LOYALTY_ and its name in capitals."""

    database_url: str
    redis_url: str
    secret_key: str
    field_keys: str
    data_dir: Path
    production: bool = False
    secure_cookies: bool = False
    trusted_proxies: int = 0
    statement_timeout_ms: int = 15_000
    lock_timeout_ms: int = 10_000
    pool_size: int = 8
    upload_limit_bytes: int = 100 * 1024 * 1024
    group_name: str = ""
    prepared_statements: bool = True
    code_site_budget_per_hour: int = 2_000
    metrics_token: str = ""
    index_key: str = ""
    index_key_other: str = ""
    request_deadline_ms: int = 30_000
    public_url: str = ""
    mail_url: str = ""
    mail_from: str = ""
    sms_key_id: str = ""
    sms_key_secret: str = ""
    sms_sign: str = ""
    sms_code_template: str = ""
    sms_url: str = "https://dysmsapi.aliyuncs.com"
    wechat_app_id: str = ""
    wechat_app_secret: str = ""
    wechat_url: str = "https://api.weixin.qq.com"

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Settings":
        """Return the settings of `environ`; UnsafeSettings when production lacks a secret or a server.

        Outside production (demo and tests) missing secrets are derived from the data folder's name, so that a
        restart keeps sessions; they protect nothing and production refuses them.
        """
        data = Path(environ.get("LOYALTY_DATA", ".data")).absolute()
        production = _flag(environ, "LOYALTY_PRODUCTION", default=False)
        secret = environ.get("LOYALTY_SECRET_KEY", "")
        keys = environ.get("LOYALTY_FIELD_KEYS", "")
        if production:
            refuse_unsafe(environ)
        return cls(
            database_url=_driver(environ.get("LOYALTY_DATABASE_URL", "")),
            redis_url=environ.get("LOYALTY_REDIS_URL", ""),
            secret_key=secret or _derived("secret", data),
            field_keys=keys or "1:" + base64.b64encode(hashlib.sha256(f"field {data.name}".encode()).digest()).decode(),
            data_dir=data,
            production=production,
            secure_cookies=_flag(environ, "LOYALTY_SECURE_COOKIES", default=production),
            trusted_proxies=_whole(environ, "LOYALTY_TRUSTED_PROXIES", 0),
            statement_timeout_ms=_whole(environ, "LOYALTY_STATEMENT_TIMEOUT_MS", 15_000),
            lock_timeout_ms=_whole(environ, "LOYALTY_LOCK_TIMEOUT_MS", 10_000),
            pool_size=_whole(environ, "LOYALTY_POOL_SIZE", 8),
            upload_limit_bytes=_whole(environ, "LOYALTY_UPLOAD_LIMIT_BYTES", 100 * 1024 * 1024),
            group_name=environ.get("LOYALTY_GROUP_NAME", ""),
            prepared_statements=_flag(environ, "LOYALTY_PREPARED_STATEMENTS", default=True),
            code_site_budget_per_hour=_whole(environ, "LOYALTY_CODE_BUDGET_PER_HOUR", 2_000),
            metrics_token=environ.get("LOYALTY_METRICS_TOKEN", ""),
            index_key=environ.get("LOYALTY_INDEX_KEY", ""),
            index_key_other=environ.get("LOYALTY_INDEX_KEY_OTHER", ""),
            request_deadline_ms=_whole(environ, "LOYALTY_REQUEST_DEADLINE_MS", 30_000),
            **_carriers(environ),
        )


def _carriers(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what says how messages leave the house: texts all of them, and empty ones as not set."""
    found = {name.removeprefix("LOYALTY_").lower(): environ.get(name, "").strip() for name in CARRIERS}
    return {name: value for name, value in found.items() if value}


def _flag(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    value = environ.get(name)
    return default if value is None else value.strip().lower() in TRUE


def _whole(environ: Mapping[str, str], name: str, default: int) -> int:
    value = environ.get(name, "")
    if not value:
        return default
    if not value.isascii() or not value.isdigit():
        raise UnsafeSettings(f"{name} must be a whole number.")
    return int(value)


def _derived(purpose: str, data: Path) -> str:
    return hashlib.sha256(f"{purpose} {data.name}".encode()).hexdigest()


def _driver(url: str) -> str:
    """Return the address with the driver named, as SQLAlchemy wants it."""
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url
