"""Forms of which something is refused: they are shown again with what was typed and why."""

from collections.abc import Callable
from dataclasses import dataclass, field

from flask_babel import gettext

from loyalty.customers.words import shown_details
from loyalty.kernel.errors import Malformed, Refused
from loyalty.web.languages import say


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended: errors by field, or a refusal in words, or neither."""

    errors: dict[str, list[str]] = field(default_factory=dict)
    refusal: str | None = None

    @property
    def ok(self) -> bool:
        """Whether it was done."""
        return not self.errors and self.refusal is None

    @property
    def status(self) -> int:
        """The status of the page that shows the form again."""
        return 409 if self.refusal else 422


def attempt(work: Callable[[], object]) -> Outcome:
    """Do what a form asks; what is malformed or refused comes back to be shown with the form."""
    try:
        work()
    except Malformed as problem:
        return Outcome(errors={place: [gettext(line) for line in lines] for place, lines in problem.errors.items()})
    except Refused as problem:
        return Outcome(refusal=say(problem.sentence, shown_details(problem.details)))
    return Outcome()
