"""The forms of the policies of points, and what they say in plain sentences."""

from collections.abc import Iterable, Mapping

from loyalty.kernel.errors import Sentence
from loyalty.kernel.money import Money
from loyalty.points.rules.policies import USUAL_REMINDER, WHOLE_SHARE, Expiry, Redemption, Refunds
from loyalty.programme.rules import forms as f

MODE_TEXTS: Mapping[str, str] = {
    "none": "never",
    "months": "some months after they were earned",
    "rolling": "some months after the last activity",
}
UNTIL_TEXTS: Mapping[str, str] = {
    "day": "on that day",
    "month": "at the end of that month",
    "quarter": "at the end of that quarter",
    "year": "at the end of that year",
}
SHORTFALL_TEXTS: Mapping[str, str] = {"debt": "are owed; new points settle this first", "write_off": "are written off"}

MONTHS = ("mode", frozenset({"months", "rolling"}))
FROM_EARNING = ("mode", frozenset({"months"}))

EXPIRY_FIELDS = (
    f.Choice(key="mode", label="Points end", choices=MODE_TEXTS, default="none"),
    f.Whole(key="months", label="After how many months", hint="From 1 to 1200.", unit="{number} months", when=MONTHS),
    f.Choice(key="until", label="They can be used until", choices=UNTIL_TEXTS, default="day", when=FROM_EARNING),
    f.Whole(
        key="remind_days",
        label="Remind members before points end",
        hint="In days. 0: they are not reminded.",
        default=USUAL_REMINDER,
        unit="{number} days",
        when=MONTHS,
    ),
    f.Whole(
        key="remind_again_days",
        label="And once more before the end",
        hint="In days. 0: they are not reminded again.",
        default=0,
        unit="{number} days",
        when=MONTHS,
    ),
)
REFUND_FIELDS = (
    f.Choice(
        key="shortfall",
        label="Points that a refund takes back and that were used already",
        choices=SHORTFALL_TEXTS,
        default="debt",
    ),
    f.Whole(
        key="reinstate_days",
        label="Points that lapsed before a refund live again for",
        hint="In days. 0: they stay lapsed.",
        default=0,
        unit="{number} days",
    ),
)
REDEMPTION_FIELDS = (
    f.Whole(
        key="multiple",
        label="In whole multiples of",
        hint="In points. 1: any number.",
        default=1,
        unit="{number} points",
    ),
    f.Whole(key="minimum", label="At least", hint="In points, each time.", default=1, unit="{number} points"),
    f.Group(
        key="worth",
        label="What points are worth",
        hint="Empty: points have no stated worth.",
        fields=(
            f.Whole(key="points", label="So many points", unit="{number} points"),
            f.Minor(key="minor", label="are worth", hint="In the currency of the order."),
        ),
    ),
    f.Percent(
        key="most_share",
        label="At most this share of an order",
        hint="In per cent. Less than 100 needs the worth of points.",
        default=WHOLE_SHARE,
    ),
)


def tell_expiry(expiry: Expiry) -> list[f.Phrase]:
    """Return when points end."""
    if expiry.mode == "none":
        return [Sentence("Points never end.")]
    if expiry.rolls:
        told = "All points of a member end {months} months after the last activity."
        return [Sentence(told, months=expiry.months), _reminders(expiry)]
    until = Sentence(UNTIL_TEXTS[expiry.until])
    told = "Points end {months} months after they were earned, {until}."
    return [Sentence(told, months=expiry.months, until=until), _reminders(expiry)]


def _reminders(expiry: Expiry) -> f.Phrase:
    if not expiry.leads:
        return Sentence("Members are not reminded of it.")
    if expiry.remind_again_days:
        told = "Members are reminded {first} days before, and again {second} days before."
        return Sentence(told, first=expiry.remind_days, second=expiry.remind_again_days)
    return Sentence("Members are reminded {first} days before.", first=expiry.remind_days)


def tell_refunds(refunds: Refunds) -> list[f.Phrase]:
    """Return what a refund does."""
    shortfall = Sentence(SHORTFALL_TEXTS[refunds.shortfall])
    lapsed = (
        Sentence(
            "Points that lapsed before the dealer gave money back live again for {days} days.",
            days=refunds.reinstate_days,
        )
        if refunds.reinstate_days
        else Sentence("Points that lapsed before stay lapsed.")
    )
    told = "A refund takes back the points of what is given back. Those used already {shortfall}."
    return [Sentence(told, shortfall=shortfall), lapsed]


def tell_redemption(redemption: Redemption) -> list[f.Phrase]:
    """Return how points may be redeemed."""
    return list(_redemption(redemption))


def _redemption(redemption: Redemption) -> Iterable[f.Phrase]:
    yield Sentence("At least {points} points are redeemed each time.", points=redemption.minimum)
    if redemption.multiple > 1:
        yield Sentence("They are redeemed in whole multiples of {points}.", points=redemption.multiple)
    if redemption.worth_points:
        worth = Money(redemption.worth_minor, f.USUAL_CURRENCY)
        yield Sentence("{points} points pay {worth}.", points=redemption.worth_points, worth=worth)
    if redemption.most_share < WHOLE_SHARE:
        share = f.Raw(f"{redemption.most_share / 100:g}")
        yield Sentence("Points pay at most {share} % of an order.", share=share)


EXPIRY_FORM = f.PolicyForm(EXPIRY_FIELDS, tell_expiry)
REFUNDS_FORM = f.PolicyForm(REFUND_FIELDS, tell_refunds)
REDEMPTION_FORM = f.PolicyForm(REDEMPTION_FIELDS, tell_redemption)
