"""What people answer, and whether it means that they want no more of it."""

import unicodedata

OPT_OUT = frozenset({"T", "TD", "退订", "N", "R", "拒收", "STOP"})
LONGEST_REPLY = 2_000


def opts_out(text: str) -> bool:
    """Return whether a reply is one of the words of refusal: in any case, full width too, with spaces around it."""
    return unicodedata.normalize("NFKC", text).strip().strip("。.!").strip().upper() in OPT_OUT
