"""The number of the document that points are used for: it stays in the ledger for ever, so it must not name anybody."""

import re

NO_DOCUMENT = "Fill in the number of the work order: letters A to Z, digits and signs, and no phone number."

_PLAIN = re.compile(r"[\x20-\x7e]*")
_PHONE = re.compile(r"(?<!\d)(?:\+?86)?[ -]?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")


def is_document(text: str) -> bool:
    """Tell whether a text can be the number of a document; what reads as a name or a mobile phone cannot."""
    return _PLAIN.fullmatch(text) is not None and _PHONE.search(text) is None
