"""What sales refuse, each with its code, its sentence and the way out."""

from loyalty.kernel.errors import NotFound, Refused


class NumberTaken(Refused):
    """The number is known with other content; a create never replaces it."""

    code = "sales.number_taken"
    sentence = "Sale {number} of {source} is already recorded with other content; correct it with PUT."


class NumberTwice(Refused):
    """One call or one file has the same number twice with different content, and nobody can tell which is right."""

    code = "sales.number_twice"
    sentence = "Sale {number} is there twice with different content, at {first} and at {second}; keep one of them."


class FixedByRefund(Refused):
    """A sale of which something was refunded keeps its customer and currency, since the refund went by them."""

    code = "sales.fixed_by_refund"
    sentence = (
        "Sale {number} has refunds, so its customer and currency cannot change; refund the rest of it and record "
        "a sale under a new number."
    )


class BelowRefunded(Refused):
    """A correction would leave less of a line than was given back already."""

    code = "sales.below_refunded"
    sentence = "Line {line} of sale {number} cannot go down to {left}: {refunded} of it was refunded already."


class MoreThanSold(Refused):
    """A refund asks for more of a line than is left; quantities are plain, amounts are in minor units."""

    code = "sales.more_than_sold"
    sentence = "Line {line}: {sold} sold, {refunded} refunded before, {asked} asked now; at most {left} can go back."


class NothingLeft(Refused):
    """A refund of all that is left finds nothing left."""

    code = "sales.nothing_left"
    sentence = "Sale {number} is wholly refunded already."


class RefundNumberTaken(Refused):
    """The number of the refund is known with other content."""

    code = "sales.refund_number_taken"
    sentence = "Refund {number} of {source} is already recorded with other content; give this one its own number."


class RefundBeforeSale(Refused):
    """A refund cannot have happened before its sale."""

    code = "sales.refund_before_sale"
    sentence = "The refund is dated {refunded}, before its sale on {sold}."


class UnknownSale(NotFound):
    """There is no such sale, or it lies outside the stores that the caller may see."""

    code = "sales.unknown"
    sentence = "There is no sale {number} of {source}."


class UnknownRun(NotFound):
    """There is no such import, or it belongs to other stores."""

    code = "sales.unknown_import"
    sentence = "There is no import {run}."
