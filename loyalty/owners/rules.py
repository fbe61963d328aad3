"""How one-time codes are made, limited and refused."""

import re
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from loyalty.kernel.errors import Malformed, Refused, TooMany

CODE_LENGTH = 6
GOOD_FOR = timedelta(minutes=5)
MOST_TRIES = 5
CHOOSE_WITHIN = timedelta(minutes=10)
"""How long after the code a person may take to say who of a shared phone it is."""

CODE_TEXT = "sign-in-code"
CODE_KNOWS, CODE_NEEDS = frozenset({"code", "minutes"}), frozenset({"code"})
"""The template in whose words codes are sent by SMS, the values that it may ask for, and the one it must have."""
CODE_TITLE = "登录验证码"
CODE_BODY: Mapping[str, Any] = {
    "variables": ["code", "minutes"],
    "texts": {
        "sms": {
            "zh_Hans_CN": {"text": "您的登录验证码是 {code}，{minutes} 分钟内有效。请勿告诉他人。"},
            "en": {"text": "Your sign-in code is {code}. It is good for {minutes} minutes. Tell it to nobody."},
        }
    },
}
"""What it says until somebody writes another version, and whenever it cannot be used."""

Limit = tuple[timedelta, int]
PHONE_LIMITS: Sequence[Limit] = ((timedelta(seconds=60), 1), (timedelta(hours=1), 5), (timedelta(days=1), 10))
ADDRESS_LIMITS: Sequence[Limit] = ((timedelta(hours=1), 10),)
LONGEST_WINDOW = timedelta(days=1)


class WrongCode(Refused):
    """The code does not fit; the same for a phone that nobody has."""

    code = "owners.wrong_code"
    sentence = "This code is not right. Tries left: {left}."


class CodeRunOut(Refused):
    """There is no code that could still be used: too old, used, or tried too often."""

    code = "owners.code_run_out"
    sentence = "This code can no longer be used. Ask for a new one."


class TooManyCodes(TooMany):
    """A phone, an address or the site has had its codes for now."""

    code = "owners.too_many_codes"
    sentence = "The next code can be sent in {retry_after} seconds."


class ChooseAgain(Refused):
    """The time to choose is over, or the choice is none of those offered."""

    code = "owners.choose_again"
    sentence = "This took too long. Sign in once more."


def new_code() -> str:
    """Return six random digits."""
    return f"{secrets.randbelow(10**CODE_LENGTH):0{CODE_LENGTH}d}"


def normal_code(typed: str) -> str:
    """Return the digits of a code as typed, spaces and full-width digits allowed; malformed unless there are six."""
    plain = re.sub(r"[\s-]+", "", unicodedata.normalize("NFKC", typed))
    if not (plain.isascii() and plain.isdigit() and len(plain) == CODE_LENGTH):
        raise Malformed({"code": ["The code has 6 digits."]})
    return plain


def wait(sent: Sequence[datetime], limits: Sequence[Limit], now: datetime) -> timedelta | None:
    """Return how long until one more may follow those of `sent`, or None when it may now."""
    longest = timedelta(0)
    for window, most in limits:
        inside = sorted(at for at in sent if at > now - window)
        if len(inside) >= most:
            longest = max(longest, inside[-most] + window - now)
    return longest or None
