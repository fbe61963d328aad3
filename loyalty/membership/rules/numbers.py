"""Member numbers: twelve digits that are nobody's rank, the last of which tells a slip of the pen.

The number follows from the customer's id and leads back to it, so that it is unique without a table of numbers, and
enrolling draws nothing from a counter that all enrolments share. Cards of a former programme are identifiers of the
customer.
"""

# Multiplying by a number without the factors 2 and 5 reorders 0 … 10^10 - 1, so that two customers never meet.
_SPAN = 10**10
_STEP = 7_182_818_283
_BACK = pow(_STEP, -1, _SPAN)
_START = 3_141_592_653
_LEAD = "6"
_DIGITS = 12

# H. M. Damm's quasigroup: it finds every wrong digit and every swap of neighbours.
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


def number_of(customer_id: int) -> str:
    """Return the member number of a customer, the same for ever."""
    if not 0 < customer_id < _SPAN:
        raise ValueError(f"customer ids are below {_SPAN}")
    digits = f"{_LEAD}{(customer_id * _STEP + _START) % _SPAN:010}"
    return f"{digits}{_check(digits)}"


def id_of_number(text: str) -> int | None:
    """Return the id of the customer whose number was typed or read, spaces left out; None when it is no number."""
    digits = "".join(text.split())
    if len(digits) != _DIGITS or not (digits.isascii() and digits.isdigit()) or digits[0] != _LEAD or _check(digits):
        return None
    return (int(digits[1:-1]) - _START) * _BACK % _SPAN


def shown(number: str) -> str:
    """Return the number in groups of four, as it stands on the card."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def _check(digits: str) -> int:
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return interim
