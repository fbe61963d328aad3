"""The form of the policy of membership, and what it says in plain sentences."""

from collections.abc import Mapping

from loyalty.kernel.errors import Sentence
from loyalty.membership.rules.policy import ENROLMENTS, USUAL_LIMIT, Policy
from loyalty.programme.rules import forms as f

ENROL_TEXTS: Mapping[str, str] = {"by_hand": "when staff enrol them", "first_sale": "with their first sale"}

FIELDS = (
    f.Choice(key="enrol", label="Customers become members", choices=ENROL_TEXTS, default=ENROLMENTS[0]),
    f.Whole(
        key="adjustment_limit",
        label="One person may adjust at most",
        hint="In points for each member and day. Above it a second person approves.",
        default=USUAL_LIMIT,
        unit="{number} points",
    ),
)


def tell(policy: Policy) -> list[f.Phrase]:
    """Return who becomes a member when, and how much one person may adjust."""
    told = "One person may adjust at most {points} points of a member in a day; above it a second person approves."
    return [
        Sentence("Customers become members {when}.", when=Sentence(ENROL_TEXTS[policy.enrol])),
        Sentence(told, points=policy.adjustment_limit),
    ]


MEMBERSHIP_FORM = f.PolicyForm(FIELDS, tell)
