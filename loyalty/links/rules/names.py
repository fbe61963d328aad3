"""What a link may be called, and what an address of a database may be."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from loyalty.kernel.errors import Malformed, Sentence

LINK_KINDS = ("webhook", "pull")
EVENT_STATES = ("due", "done", "stuck")
REJECT_STATES = ("open", "taken", "dismissed")

LONGEST_NAME = 60
LONGEST_URL = 500

# Further options could read files of this machine or run statements of their own.
OPTIONS = frozenset({"charset", "sslmode", "host", "port", "unix_socket", "application_name", "ssl", "encrypt"})
FILES = ("sqlite", "access", "duckdb")

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")


def check_link(code: str, name: str, source: str) -> None:
    """Refuse as malformed a code that does not fit an address, or a name or source that is empty or too long."""
    errors: dict[str, list[str]] = {}
    if not _CODE.fullmatch(code):
        errors["code"] = ["A code has 2 to 40 small letters, digits and hyphens."]
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        errors["name"] = ["A name has 1 to 60 characters."]
    if not 0 < len(source.strip()) <= LONGEST_NAME:
        errors["source"] = ["Name the system that the numbers come from, such as dms."]
    if errors:
        raise Malformed(errors)


def check_url(url: str) -> str:
    """Return the address of a database server; Malformed when it is none, or opens files or has options of its own."""
    parts = urlsplit(url.strip())
    dialect = parts.scheme.partition("+")[0]
    strange = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True) if name not in OPTIONS]
    if not dialect or dialect in FILES or len(url) > LONGEST_URL or "://" not in url:
        raise Malformed({"url": ["Write the address of a database server, as postgresql://user:password@host/name."]})
    if strange:
        raise Malformed({"url": [Sentence("The option {option} is not taken in an address.", option=strange[0])]})
    return url.strip()


def shown_url(url: str) -> str:
    """Return an address as pages show it: without user, password and options."""
    parts = urlsplit(url)
    options: Mapping[str, str] = dict(parse_qsl(parts.query))
    place = parts.hostname or options.get("unix_socket") or options.get("host") or ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme.partition('+')[0]}://{place}{port}{parts.path}"
