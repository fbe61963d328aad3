"""Logs without what must not stand in them: phones, ID numbers, plates, codes, tokens, cookies and passwords.

Two doors lead to a log, and both are watched: structlog's events pass a processor, and each record of Python's own
logging is written over as it is made, its traceback included, whichever handler takes it and whichever library it comes
from. What is left out is told by `[redacted]`.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

import structlog

from loyalty.kernel.papers import without_papers

GONE: Final = "[redacted]"

# Names under which a value is never written, wherever it comes from; compared without case, as part of a name.
SECRET_NAMES = re.compile(
    r"pass(word|phrase)?$|secret|token|cookie|authoriz|csrf|api[_-]?key|field[_-]?keys|signature|^code$|_code$|^codes$|"
    r"phone|mobile|plate|id_?number|identity|openid|account_number",
    re.IGNORECASE,
)

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # Named in a text: a header, a field of a form, a part of an address, a setting.
    (
        re.compile(
            r"(?i)\b(authorization|proxy-authorization|cookie|set-cookie)(['\"]?\s*[:=]\s*['\"]?)[^\r\n'\"]+",
        ),
        rf"\1\2{GONE}",
    ),
    (
        re.compile(
            r"(?i)\b([a-z_]*(?:password|passphrase|secret|token|code|csrf_token|field_keys|_key))(['\"]?\s*[:=]\s*['\"]?)"
            r"(?!\[redacted\])[^\s'\"&,;)}]+",
        ),
        rf"\1\2{GONE}",
    ),
    (re.compile(r"(?i)\bbearer\s+[\w.~+/=-]{8,}"), f"Bearer {GONE}"),
    (re.compile(r"(?i)://[^/\s:@]+:[^/\s@]+@"), f"://{GONE}@"),
    # By their form alone, wherever they stand.
    (re.compile(r"(?<![0-9A-Za-z])[1-9]\d{5}(?:18|19|20)\d{2}[01]\d[0-3]\d\d{3}[0-9Xx](?![0-9A-Za-z])"), GONE),
    (re.compile(r"(?<![0-9A-Za-z])(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}(?![0-9A-Za-z])"), GONE),
    (re.compile(r"%2B86(?:%20)?1[3-9]\d{9}(?!\d)"), GONE),
    (
        re.compile(
            r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领][A-Z][ ·]?[A-HJ-NP-Z0-9]{5,6}"
        ),
        GONE,
    ),
    (re.compile(r"(?<![\w-])[A-Za-z0-9_-]{43}(?![\w-])"), GONE),  # 256 bits as our tokens are written
)


def redacted(text: str) -> str:
    """Return a text without what must not stand in a log."""
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return without_papers(text, GONE)


def without_secrets(value: Any, name: str = "") -> Any:
    """Return a value of a log's event, `name` being what it is called there."""
    if name and SECRET_NAMES.search(name):
        return GONE
    if isinstance(value, Mapping):
        return {key: without_secrets(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [without_secrets(inner) for inner in value]
    told = redacted(value if isinstance(value, str) else str(value))
    # Figures stay figures, unless one has the form of a phone.
    return value if isinstance(value, int | float | None) and told == str(value) else told


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take out of an event of structlog what must not stand in it."""
    return {name: without_secrets(value, name) for name, value in event.items()}


class RedactedRecord(logging.LogRecord):
    """A record of Python's logging whose text and traceback are written over as it is made."""

    def __init__(self, *words: Any, **named: Any) -> None:
        super().__init__(*words, **named)
        if self.exc_info and self.exc_info[0] is not None:
            self.exc_text = redacted(logging.Formatter().formatException(self.exc_info))

    def getMessage(self) -> str:  # noqa: N802 - logging's own name
        """Return the message without what must not stand in it."""
        return redacted(super().getMessage())


def configure() -> None:
    """Watch both doors: events become lines of JSON, records are written over; to call it again changes nothing."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),  # what a command answers is on stdout
    )
    logging.setLogRecordFactory(RedactedRecord)
