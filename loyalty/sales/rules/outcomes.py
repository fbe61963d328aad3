"""What became of each fact that was handed in."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, NamedTuple

from loyalty.kernel.effects import Effect
from loyalty.kernel.errors import Malformed, Problem
from loyalty.sales.rules.flaws import Flaw, by_field

State = Literal["created", "same", "corrected", "rejected"]


class Outcome(NamedTuple):
    """What became of one sale or refund.

    `created`, `corrected` or `same` (it was known with this very content; nothing happened and `effects` are those of
    the first time) with its id, customer and version; or `rejected` with `problem` and the `flaws` that explain it.
    """

    state: State
    id: int | None = None
    customer_id: int | None = None
    version: int = 1
    effects: tuple[Effect, ...] = ()
    problem: Problem | None = None
    flaws: tuple[Flaw, ...] = ()

    def or_raise(self) -> "Outcome":
        """Return the outcome itself, or raise the problem of a rejected one."""
        if self.problem is not None:
            raise self.problem
        return self


def rejected(*flaws: Flaw) -> Outcome:
    """Return the outcome of a fact whose content is wrong at the places of `flaws`."""
    return Outcome("rejected", problem=Malformed(by_field(flaws)), flaws=flaws)


def refused(problem: Problem, place: str = "number") -> Outcome:
    """Return the outcome of a fact that a rule refuses; `place` is the field to look at."""
    return Outcome("rejected", problem=problem, flaws=(Flaw(place, problem.sentence, problem.details),))


def effect_row(effect: Effect) -> dict[str, Any]:
    """Return the effect as plain values, to be stored and told again."""
    return {
        "kind": effect.kind,
        "sentence": effect.sentence,
        "numbers": plain_numbers(effect.numbers),
        "customer_id": effect.customer_id,
    }


def effect_of(row: Mapping[str, Any]) -> Effect:
    """Return the effect that `effect_row` stored."""
    return Effect(row["kind"], row["sentence"], row["numbers"], row["customer_id"])


def plain_numbers(numbers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers of a problem as JSON has them: days and moments in ISO text."""
    # A moment is a day to Python, too.
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in numbers.items()}
