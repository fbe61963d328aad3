"""Which person writes or approves."""

from loyalty.kernel.actor import Actor
from loyalty.programme.rules import NobodyAnswers
from loyalty.staff.queries import person_behind


def person(by: Actor) -> int:
    """Return the person who acts; refused when nobody does, as with a token that nobody answers for."""
    found = person_behind(by)
    if found is None:
        raise NobodyAnswers
    return found
