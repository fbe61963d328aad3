"""The kinds of facts that rule tables hold. What reads them are features above; none of the facts stands in code."""

from collections.abc import Mapping
from dataclasses import dataclass

from loyalty.kernel.errors import NotFound
from loyalty.programme.rules import forms as f
from loyalty.programme.rules.tables import texts
from loyalty.programme.rules.tables.columns import Column, Share, Signed

CERTAINTY_TEXTS: Mapping[str, str] = {
    "seen": "seen in the source",
    "weak": "seen in a weak source",
    "derived": "derived from a source",
    "general": "to be checked",
}
"""How sure a fact is: general knowledge whose source was not seen is shown as to be checked."""

UNSURE = frozenset({"general", "weak"})


class NoSuchKind(NotFound):
    """There is no such kind of facts."""

    code = "programme.no_such_table_kind"
    sentence = "There is no kind of facts {kind}."


@dataclass(frozen=True, slots=True)
class TableKind:
    """A kind of facts: what it is called, and the columns of its tables."""

    code: str
    title: str
    columns: tuple[Column, ...]

    @property
    def every_column(self) -> tuple[Column, ...]:
        """The columns with those that every kind has: where a row differs from its table in source or certainty."""
        return (*self.columns, *COMMON)


COMMON = (
    Column(f.Text(key="source", label="Source of the row"), needed=False),
    Column(
        f.Choice(
            key="certainty", label="Certainty of the row", choices={"": "as the table", **CERTAINTY_TEXTS}, default=""
        ),
        needed=False,
    ),
)


def _choice(key: str, label: str, choices: Mapping[str, str]) -> Column:
    return Column(f.Choice(key=key, label=label, choices=choices))


def _whole(key: str, label: str, *, needed: bool = True) -> Column:
    return Column(f.Whole(key=key, label=label), needed)


def _factor(key: str, label: str) -> Column:
    return Column(f.Number(key=key, label=label))


INSPECTION = (
    _whole("from_year", "From year"),
    _whole("to_year", "To year", needed=False),
    _whole("every_months", "Every so many months"),
    _choice("way", "How", texts.WAY_TEXTS),
)
MOST_CHANGE = 100_000
PAPERS = {
    "single": "Single car",
    "two_cars": "Two cars, damage only",
    "injury": "Injury",
    "theft": "Theft",
    "glass": "Glass or scratch",
    "flood": "Flood or storm",
    "fire": "Fire",
}
PAPER_TYPE_TEXTS: Mapping[str, str] = PAPERS

KINDS: tuple[TableKind, ...] = (
    TableKind(
        "compulsory_float",
        "Compulsory insurance: float",
        (
            _choice("situation", "Record", texts.SITUATION_TEXTS),
            Column(Share(key="change", label="Change of the premium (%)"), least=-MOST_CHANGE, most=MOST_CHANGE),
        ),
    ),
    TableKind(
        "compulsory_premium",
        "Compulsory insurance: base premium",
        (_choice("vehicle", "Vehicle", texts.SEAT_TEXTS), Column(f.Minor(key="premium", label="Premium (CNY)"))),
    ),
    TableKind(
        "compulsory_limits",
        "Compulsory insurance: limits of liability",
        (
            _choice("fault", "Fault", texts.FAULT_TEXTS),
            _choice("item", "Covers", texts.LIMIT_TEXTS),
            Column(f.Minor(key="amount", label="Limit (CNY)")),
        ),
    ),
    TableKind(
        "no_claim_levels",
        "Commercial insurance: no-claim factor by level",
        (
            Column(Signed(key="level", label="No-claim level"), least=-100, most=100),
            _factor("factor", "Premium factor"),
        ),
    ),
    TableKind(
        "no_claim_rule",
        "Commercial insurance: how the no-claim level is found",
        (
            _choice("item", "Rule", texts.LEVEL_RULE_TEXTS),
            Column(Signed(key="value", label="Value"), least=-100, most=100),
        ),
    ),
    TableKind(
        "no_claim_bands",
        "Commercial insurance: no-claim factor by record",
        (
            _choice("basis", "Record", texts.BAND_TEXTS),
            _whole("least", "At least"),
            _whole("most", "At most", needed=False),
            _factor("factor", "Premium factor"),
        ),
    ),
    TableKind(
        "no_claim_exceptions",
        "Commercial insurance: exceptions of the no-claim factor",
        (
            _choice("circumstance", "Circumstance", texts.CIRCUMSTANCE_TEXTS),
            _choice("effect", "What follows", texts.EFFECT_TEXTS),
        ),
    ),
    TableKind(
        "pricing_factor",
        "Commercial insurance: the insurer’s own pricing factor",
        (_factor("least", "Least"), _factor("most", "Most")),
    ),
    TableKind("inspection_family", "Inspection: small passenger cars, not commercial", INSPECTION),
    TableKind("inspection_goods", "Inspection: pickups and other goods vehicles", INSPECTION),
    TableKind("inspection_commercial", "Inspection: commercial passenger cars", INSPECTION),
    TableKind("inspection_motorcycle", "Inspection: motorcycles", INSPECTION),
    TableKind(
        "inspection_window",
        "Inspection: when it can be done",
        (_whole("months_before", "Months before the due month"),),
    ),
    TableKind(
        "three_guarantees",
        "Three guarantees",
        (
            _choice("right", "Right", texts.RIGHT_TEXTS),
            _whole("days", "Days", needed=False),
            _whole("months", "Months", needed=False),
            _whole("km", "km", needed=False),
            _whole("times", "Times", needed=False),
            Column(Share(key="share", label="Share (%)"), needed=False, most=10_000),
        ),
    ),
    TableKind(
        "claim_clocks",
        "Claims: periods",
        (
            _choice("step", "Step", texts.STEP_TEXTS),
            _whole("limit", "Limit"),
            _choice("unit", "Counted in", texts.DURATION_TEXTS),
            Column(f.Text(key="starts", label="Starts with"), needed=False),
        ),
    ),
    TableKind(
        "claim_papers",
        "Claims: papers by type",
        (
            _choice("paper", "Paper", texts.PAPER_TEXTS),
            *(_choice(key, label, texts.NEED_TEXTS) for key, label in PAPER_TYPE_TEXTS.items()),
        ),
    ),
    TableKind(
        "transfer_limits",
        "Payouts: limits of WeChat transfers",
        (
            _choice("item", "Limit of", texts.TRANSFER_TEXTS),
            Column(f.Minor(key="amount", label="Amount (CNY)"), needed=False),
            _whole("hours", "Hours", needed=False),
        ),
    ),
    TableKind(
        "reward_tax",
        "Payouts: tax on rewards",
        (
            _choice("item", "Income", texts.TAX_TEXTS),
            Column(Share(key="share", label="Share (%)"), most=10_000),
            _whole("filing_day", "Filed by this day of the next month", needed=False),
        ),
    ),
)
_BY_CODE: Mapping[str, TableKind] = {kind.code: kind for kind in KINDS}


def table_kind(code: str) -> TableKind:
    """Return a kind of facts; refused as not found when there is none."""
    if code not in _BY_CODE:
        raise NoSuchKind(kind=code)
    return _BY_CODE[code]
