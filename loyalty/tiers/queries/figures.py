"""What members have reached, measured by the database: one statement for any number of members and days.

The statements are put together from the measures and conditions of a scheme. Only names that this module makes up
stand in their text; everything a scheme says is a parameter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import TextClause, text

from loyalty.kernel.db import batch, db, run
from loyalty.tiers.models import REFERRAL
from loyalty.tiers.rules import BEGINNING, Condition, Level, Measure, Scheme, Standing, Window

# What went to the places of a customer, less what left them.
_GROWTH = """
    SELECT COALESCE(sum(t.points * (
               CAST(t.credit IN ('available', 'pending', 'held', 'debt') AS integer)
               - CAST(t.debit IN ('available', 'pending', 'held', 'debt') AS integer))), 0)
      FROM ledger_transactions AS t
      JOIN points_accounts AS p ON p.customer_id = t.customer_id AND p.id = t.account_id
     WHERE t.customer_id = a.customer_id AND p.unit = 'growth'
"""

_VEHICLES = """
    SELECT count(DISTINCT o.vehicle_id)
      FROM ownerships AS o
     WHERE o.holder_id = a.customer_id AND o.role = 'owner' AND o.from_day <= a.as_of
       AND (o.until_day IS NULL OR o.until_day > a.as_of)
"""

_ASKED_BATCH = """
    SELECT * FROM json_to_recordset(CAST(:asked AS json)) AS r (
        customer_id bigint, as_of date, rank integer, joining date, tier date, delivery date)
"""

_ASKED_CHUNK = """
    SELECT customer_id, CAST(:as_of AS date) AS as_of, joined_day AS joining, since_day AS tier,
           delivery_day AS delivery, level_code, settled_day
      FROM tier_standings
     WHERE customer_id > :after AND customer_id <= :last AND joined_day <= :as_of
"""

_FIGURES = """
    asked AS MATERIALIZED (SELECT r.*{starts} FROM ({asked}) AS r),
    figures AS (
        SELECT a.customer_id, a.as_of{more}, f.*
          FROM asked AS a
         CROSS JOIN LATERAL (
               SELECT {measures} FROM tier_days AS d
                WHERE d.customer_id = a.customer_id AND d.day BETWEEN a.earliest AND a.as_of) AS f
    )
"""


@dataclass(frozen=True, slots=True)
class Ask:
    """Whose figures are asked for, at the end of which day."""

    standing: Standing
    as_of: date

    def row(self, scheme: Scheme) -> dict[str, Any]:
        """Return what the statement needs of it."""
        standing = self.standing
        return {
            "customer_id": standing.customer_id,
            "as_of": self.as_of,
            "rank": scheme.level(standing.level_code).rank,
            "joining": standing.joined_day,
            "tier": standing.since_day,
            "delivery": standing.delivery_day,
        }


@dataclass(frozen=True, slots=True)
class Survey:
    """How many of a range of members qualify for each rank, and who of them would rise."""

    by_rank: tuple[int, ...]
    rising: tuple[int, ...]


class FigureSql:
    """The parts of a statement that measures a scheme, and their parameters."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        self.measures = scheme.measures
        self.values: dict[str, Any] = {"currency": scheme.currency}
        self._windows = tuple(dict.fromkeys(measure.window for measure in self.measures))
        self._starts = [self._start(index, window) for index, window in enumerate(self._windows)]
        self._sums = [self._sum(index, measure) for index, measure in enumerate(self.measures)]

    def text(self, asked: str, *, more: Sequence[str] = ()) -> str:
        """Return the definitions of `asked` and `figures`; `more` are columns of `asked` that `figures` shows too."""
        earliest = ", ".join(f"COALESCE({start}, DATE '9999-12-31')" for start in self._starts)
        starts = "".join(f", {start} AS s{index}" for index, start in enumerate(self._starts))
        starts += f", LEAST({earliest}) AS earliest" if earliest else ", CAST(r.as_of AS date) AS earliest"
        return _FIGURES.format(
            starts=starts,
            asked=asked,
            more="".join(f", a.{name}" for name in more),
            measures=", ".join(f"{expression} AS m{index}" for index, expression in enumerate(self._sums)),
        )

    def rank(self) -> str:
        """Return the expression for the rank of the highest level that the figures qualify for."""
        cases = [
            f"WHEN {self._condition(level, level.qualify)} THEN {level.rank}"
            for level in reversed(self.scheme.levels)
            if level.qualify is not None
        ]
        return f"CASE {' '.join(cases)} ELSE 0 END" if cases else "0"

    def _condition(self, level: Level, condition: Condition) -> str:
        reached = []
        for index, criterion in enumerate(condition.criteria):
            name = f"t{level.rank}_{index}"
            self.values[name] = criterion.threshold
            reached.append(f"(m{self.measures.index(criterion.measure)} >= :{name})")
        if condition.least == len(reached):
            return " AND ".join(reached)
        if condition.least == 1:
            return f"({' OR '.join(reached)})"
        return f"({' + '.join(f'CAST({one} AS integer)' for one in reached)}) >= {condition.least}"

    def _start(self, index: int, window: Window) -> str:
        name = f"w{index}"
        if window.kind == "lifetime":
            self.values[name] = BEGINNING
            return f"CAST(:{name} AS date)"
        if window.kind == "rolling":
            self.values[name] = window.months
            return f"CAST(r.as_of + 1 - make_interval(months => :{name}) AS date)"
        if window.kind == "calendar":
            self.values[name] = window.first_month
            year = (
                f"CAST(extract(year FROM r.as_of) AS integer) - CAST(extract(month FROM r.as_of) < :{name} AS integer)"
            )
            return f"make_date({year}, CAST(:{name} AS integer), 1)"
        day = f"r.{window.anchor}"
        years = f"CAST(extract(year FROM r.as_of) - extract(year FROM {day}) AS integer)"
        later = f"CAST(CAST({day} + make_interval(years => {years}) AS date) > r.as_of AS integer)"
        return f"CAST({day} + make_interval(years => {years} - {later}) AS date)"

    def _sum(self, index: int, measure: Measure) -> str:
        start = f"a.s{self._windows.index(measure.window)}"
        if measure.metric == "growth":
            return f"({_GROWTH} AND t.business_day BETWEEN {start} AND a.as_of)"
        if measure.metric == "vehicles":
            return f"({_VEHICLES})"
        if measure.metric == "referrals":
            self.values["referral"] = REFERRAL
            return f"COALESCE(sum(d.paid_orders) FILTER (WHERE d.day >= {start} AND d.kind = :referral), 0)"
        wanted = f"d.day >= {start} AND d.currency = :currency"
        if measure.kinds:
            self.values[f"k{index}"] = sorted(measure.kinds)
            wanted += f" AND d.kind = ANY(:k{index})"
        if measure.metric == "spend":
            return f"COALESCE(sum(d.net_minor) FILTER (WHERE {wanted}), 0)"
        self.values[f"l{index}"] = measure.minimum_minor
        return f"count(DISTINCT d.day) FILTER (WHERE {wanted} AND d.largest_minor >= :l{index})"


class _Statements:
    """The statements of a scheme, made once."""

    def __init__(self, scheme: Scheme) -> None:
        sql = FigureSql(scheme)
        rank = sql.rank()
        self.scheme = scheme
        self.measures = sql.measures
        self.values = sql.values
        sums = ", ".join(f"m{index}" for index in range(len(self.measures)))
        asked = f"WITH {sql.text(_ASKED_BATCH, more=('rank',))} SELECT customer_id, as_of, {sums} FROM figures"  # noqa: S608 - as below
        self.figures = text(asked)
        self.rising = text(f"{asked} WHERE {rank} > rank")
        # The codes of the levels are in the order of their ranks, so the place of a code is its rank + 1.
        current = "COALESCE(array_position(CAST(:codes AS text[]), level_code), 1) - 1"
        counts = ", ".join(f"count(*) FILTER (WHERE rank = {level.rank})" for level in scheme.levels)
        survey = sql.text(_ASKED_CHUNK, more=("level_code", "settled_day"))
        self.survey: TextClause = text(f"""WITH {survey},
            judged AS (SELECT customer_id, as_of, level_code, settled_day, {rank} AS rank FROM figures)
            SELECT ARRAY[{counts}],
                   array_agg(customer_id ORDER BY customer_id) FILTER (WHERE rank > {current} AND settled_day <= as_of)
              FROM judged""")  # noqa: S608 - names and whole numbers of this module only; values are parameters
        self.survey_values = {**self.values, "codes": [level.code for level in scheme.levels]}


# By identity: a version in force is read once, and its scheme is the same object from then on. The statements hold
# the scheme, so that no other one can come to its identity.
_made: dict[int, _Statements] = {}
_MOST_KEPT = 32


def _statements(scheme: Scheme) -> _Statements:
    if id(scheme) not in _made:
        if len(_made) >= _MOST_KEPT:
            _made.clear()
        _made[id(scheme)] = _Statements(scheme)
    return _made[id(scheme)]


def figures(scheme: Scheme, asks: Sequence[Ask]) -> dict[tuple[int, date], Mapping[Measure, int]]:
    """Return what each member asked about has reached by the end of the day, by customer and day."""
    made = _statements(scheme)
    return _measured(made, made.figures, asks)


def rising(scheme: Scheme, asks: Sequence[Ask]) -> dict[tuple[int, date], Mapping[Measure, int]]:
    """Return the same for those alone whose figures qualify for more than they have, which are few."""
    made = _statements(scheme)
    return _measured(made, made.rising, asks)


def _measured(
    made: _Statements, statement: TextClause, asks: Sequence[Ask]
) -> dict[tuple[int, date], Mapping[Measure, int]]:
    if not asks:
        return {}
    asked = batch([ask.row(made.scheme) for ask in asks])
    return {
        (row[0], row[1]): {measure: int(figure) for measure, figure in zip(made.measures, row[2:], strict=True)}
        for row in run(statement, {**made.values, "asked": asked})
    }


def survey(scheme: Scheme, as_of: date, *, after: int, last: int) -> Survey:
    """Return how many of the members with after < id ≤ last who had joined qualify for what, and who would rise."""
    made = _statements(scheme)
    values = {**made.survey_values, "as_of": as_of, "after": after, "last": last}
    by_rank, rising = db.session.execute(made.survey, values).one()
    return Survey(tuple(by_rank), tuple(rising or ()))
