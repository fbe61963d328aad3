"""The number of the document that points are used for: it stays in the ledger for ever, so it must not name anybody."""

import re

from loyalty.kernel.papers import names_papers

NO_DOCUMENT = (
    "Fill in the number of the work order, such as R-90001 or RO 20260312: letters A to Z, digits and signs, "
    "and no name, no phone number and no number of an identity paper."
)
LONGEST_MARK = 4
"""Letters in a row that may stand in a number: the mark of a kind or a store. Longer ones read as a name."""

_PLAIN = re.compile(r"[\x20-\x7e]*")
_PHONE = re.compile(r"(?<!\d)(?:\+?86)?[ -]?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")
_LETTERS = re.compile(r"[A-Za-z]+")
_WORDS = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]+[ ,.']+[A-Za-z]+(?![0-9A-Za-z])")
_KINDS = frozenset({"invoice", "order", "receipt", "repair", "service", "ticket", "workorder"})


def is_document(text: str) -> bool:
    """Tell whether a text can be the number of a document, or is empty; one that names somebody cannot.

    It has a digit, no run of letters that may be a name, no two words in a row, no mobile phone and no number of an
    identity paper.
    """
    if not _PLAIN.fullmatch(text) or _PHONE.search(text) or names_papers(text):
        return False
    runs = _LETTERS.findall(text)
    if any(len(run) > LONGEST_MARK and run.lower() not in _KINDS for run in runs) or _WORDS.search(text):
        return False
    return not runs or any(sign.isdigit() for sign in text)
