"""The policy of kind "membership": who is enrolled when, and how much one person may adjust."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from loyalty.kernel.bodies import BodyReader

ENROLMENTS = ("by_hand", "first_sale")
USUAL_LIMIT = 1_000


@dataclass(frozen=True, slots=True)
class Policy:
    """`enrol` says what makes a customer a member; `adjustment_limit` is in points for one person, member and day."""

    enrol: str = ENROLMENTS[0]
    adjustment_limit: int = USUAL_LIMIT


def parse_policy(body: Mapping[str, Any]) -> Policy:
    """Read the body of a policy of kind "membership"; malformed with each wrong place by name."""
    reader = BodyReader(body)
    policy = Policy(
        enrol=reader.choice("enrol", ENROLMENTS, ENROLMENTS[0]),
        adjustment_limit=reader.whole("adjustment_limit", USUAL_LIMIT),
    )
    reader.close()
    return policy
