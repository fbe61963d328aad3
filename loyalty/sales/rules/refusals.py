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
    """A refund asks for more of a line than is left; quantities are plain texts, amounts are money."""

    code = "sales.more_than_sold"
    sentence = "Line {line}: {sold} sold, {refunded} refunded before, {asked} asked now; at most {left} can go back."


class NothingLeft(Refused):
    """A refund of all that is left finds nothing left."""

    code = "sales.nothing_left"
    sentence = "Sale {number} is wholly refunded already."


class NothingDelivered(Refused):
    """A sale without a vehicle has nothing to hand over."""

    code = "sales.nothing_delivered"
    sentence = "Sale {number} has no vehicle, so there is nothing to deliver; correct the sale first."


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


class EmptyFile(Refused):
    """There is nothing in the file."""

    code = "sales.empty_file"
    sentence = "The file is empty. Export it again and see that it has a header and rows."


class FileTooLarge(Refused):
    """The file has more bytes than the installation takes."""

    code = "sales.file_too_large"
    sentence = (
        "The file has {size} bytes, and at most {most} are taken. Split it, or raise the limit by the setting "
        "{setting}."
    )


class NotATable(Refused):
    """The file is neither text in a known encoding nor a workbook."""

    code = "sales.not_a_table"
    sentence = "The file is neither CSV (UTF-8 or GBK) nor an Excel workbook. Save it as one of the two."


class MissingColumns(Refused):
    """No row of the file's beginning has all columns that the mapping names."""

    code = "sales.missing_columns"
    sentence = "The file has no column {missing}; its header says: {found}. Change the header or the mapping."


class BrokenQuote(Refused):
    """A quotation mark is opened and never closed, so that rows run into each other."""

    code = "sales.broken_quote"
    sentence = "The row that begins in line {row} cannot be read; a quotation mark in it may be open."


class NoRows(Refused):
    """There is a header and nothing below it."""

    code = "sales.no_rows"
    sentence = "The file has a header and no rows below it."
