"""What tiers refuse."""

from loyalty.kernel.errors import NotFound, Refused


class NoScheme(Refused):
    """No version of the levels is in force, so that there is nothing to decide by."""

    code = "tiers.no_scheme"
    sentence = "No levels are in force on {day}; put a version of them in force first."


class StandingNotFound(NotFound):
    """The customer has no level, since only members have one."""

    code = "tiers.no_standing"
    sentence = "This customer has no level: only members have one."


class LevelNotFound(NotFound):
    """The scheme in force has no such level."""

    code = "tiers.no_level"
    sentence = "There is no level {level}; the levels are {levels}."


class FloorNotFound(NotFound):
    """There is no such manual level that waits for approval."""

    code = "tiers.no_floor"
    sentence = "There is no manual level of that number waiting for approval."


class FloorEnded(Refused):
    """A manual level must last at least through today."""

    code = "tiers.floor_ended"
    sentence = "A manual level ends on {until} at the earliest: choose that day or a later one."


class SamePerson(Refused):
    """Whoever sets a manual level does not approve it."""

    code = "tiers.same_person"
    sentence = "A second person must approve this manual level: {name} has set it."


class NobodySets(Refused):
    """A level by hand needs a person; a token needs somebody who answers for it."""

    code = "tiers.nobody_answers"
    sentence = "This token has no person who answers for it. Use one that has, or the pages."
