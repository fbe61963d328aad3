"""What production refuses to start with. Each refusal names the variable and never its value."""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

SHORTEST_SECRET: Final = 32
SHORTEST_TOKEN: Final = 16
FEWEST_CHARACTERS: Final = 10  # different ones; fewer are a pattern
FEWEST_BYTES: Final = 16  # different ones among the 32 of a key; random ones have some 30
KEY_BYTES: Final = 32
TRUE = frozenset({"1", "true", "yes", "on"})

# Words of secrets that stand in examples, compared without their case.
EXAMPLES = ("change", "secret", "example", "default", "insecure", "password", "placeholder", "loyalty", "xxxxxxxx")
GUESSED_FIRST = frozenset({"password", "postgres", "loyalty", "changeme", "secret", "admin"})

_SUPERUSER = text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")


class UnsafeSettings(RuntimeError):
    """The service refuses to start; the message names the variable, never its value."""


def refuse_unsafe(environ: Mapping[str, str]) -> None:
    """Refuse (UnsafeSettings) an environment that production must not run in."""
    for name in ("LOYALTY_DATABASE_URL", "LOYALTY_REDIS_URL", "LOYALTY_SECRET_KEY", "LOYALTY_FIELD_KEYS"):
        if not environ.get(name):
            raise UnsafeSettings(f"{name} must be set in production.")
    for name, check in _CHECKS.items():
        if environ.get(name):
            check(name, environ[name])
    for name in ("FLASK_DEBUG", "LOYALTY_DEBUG"):
        if environ.get(name, "").strip().lower() not in {"", "0", "false", "no", "off"}:
            raise UnsafeSettings(f"{name} must not be set in production: it shows the program's inside to everybody.")
    if environ.get("LOYALTY_SECURE_COOKIES", "1").strip().lower() not in TRUE:
        raise UnsafeSettings("LOYALTY_SECURE_COOKIES must stay on in production: cookies travel over HTTPS only.")


def refuse_superuser(engine: Engine) -> None:
    """Refuse (UnsafeSettings) a database role for which no rule of the database holds."""
    try:
        with engine.connect() as connection:
            superuser = connection.execute(_SUPERUSER).scalar_one()
    except SQLAlchemyError as problem:
        reason = "LOYALTY_DATABASE_URL leads to no database that answers, so that its role cannot be checked."
        raise UnsafeSettings(reason) from problem
    if superuser:
        reason = "LOYALTY_DATABASE_URL signs in as a superuser, for whom no safeguard of the database holds."
        raise UnsafeSettings(f"{reason} Give it a role of its own.")


def field_key(name: str, part: str) -> tuple[int, bytes]:
    """Return id and key of one part of a key ring; UnsafeSettings when it is not `id:base64` with 32 bytes."""
    number, _, value = part.strip().partition(":")
    try:
        key = base64.b64decode(value, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES or not (number.isascii() and number.isdigit()) or not 0 < int(number) < 256:  # noqa: PLR2004 - the id is one byte
        raise UnsafeSettings(f"{name} is written as `1:base64,2:base64`, with ids of 1 to 255 and keys of 32 bytes.")
    return int(number), key


def _check_secret(name: str, secret: str) -> None:
    if len(secret) < SHORTEST_SECRET or len(set(secret)) < FEWEST_CHARACTERS:
        raise UnsafeSettings(f"{name} must be random and have at least {SHORTEST_SECRET} characters.")
    _refuse_examples(name, secret)


def _check_token(name: str, token: str) -> None:
    if len(token) < SHORTEST_TOKEN:
        raise UnsafeSettings(f"{name} must have at least {SHORTEST_TOKEN} characters.")
    _refuse_examples(name, token)


def _check_keys(name: str, ring: str) -> None:
    for part in ring.split(","):
        _, key = field_key(name, part)
        if len(set(key)) < FEWEST_BYTES:
            raise UnsafeSettings(f"{name} must hold random keys: one of them is a pattern.")


def _check_address(name: str, url: str) -> None:
    if (urlsplit(url).password or "").lower() in GUESSED_FIRST:
        raise UnsafeSettings(f"{name} has a password that everybody tries first.")


def _refuse_examples(name: str, secret: str) -> None:
    if any(word in secret.lower() for word in EXAMPLES):
        raise UnsafeSettings(f"{name} looks like one of an example; make a random one.")


_CHECKS: Mapping[str, Callable[[str, str], None]] = {
    "LOYALTY_SECRET_KEY": _check_secret,
    "LOYALTY_FIELD_KEYS": _check_keys,
    "LOYALTY_INDEX_KEY": _check_secret,
    "LOYALTY_INDEX_KEY_OTHER": _check_secret,
    "LOYALTY_METRICS_TOKEN": _check_token,
    "LOYALTY_DATABASE_URL": _check_address,
    "LOYALTY_REDIS_URL": _check_address,
}
