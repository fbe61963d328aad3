"""User names."""

import re
import unicodedata

from loyalty.kernel.errors import Malformed

_FORM = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")


def normal_username(typed: str) -> str:
    """Return the name as it is stored: full-width letters made plain, in small letters, no outer spaces.

    Malformed unless 2 to 32 letters, digits, dots, hyphens or underscores remain, a letter or digit first.
    """
    name = unicodedata.normalize("NFKC", typed).strip().lower()
    if not _FORM.fullmatch(name):
        raise Malformed(
            {"username": ["Use 2 to 32 letters, digits, dots, hyphens or underscores, a letter or digit first."]},
        )
    return name
