"""What people may ask of the data about them, and what a request of erasure can become."""

from loyalty.kernel.errors import NotFound, Refused

ERASURE_STATES = ("open", "done", "withdrawn")


class ErasureNotFound(NotFound):
    """Nobody asked for the erasure of this customer, or it was done or withdrawn."""

    code = "customers.erasure_not_found"
    sentence = "There is no open request of erasure for this customer."


class ErasureAsked(Refused):
    """One request is open at a time."""

    code = "customers.erasure_asked"
    sentence = "Erasure was asked for already, on {day}. It waits to be carried out."


class ErasedBefore(Refused):
    """The customer was erased, or stands for another one since a merge."""

    code = "customers.erased_before"
    sentence = "Customer {number} is {state}; there is nothing to erase."
