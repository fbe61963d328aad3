"""Books decisions about levels: the standing, the evaluation, the history, the earning class, the timeline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from loyalty.customers.rules import TimelineEntry
from loyalty.customers.service import write_timeline
from loyalty.kernel.actor import Actor
from loyalty.kernel.db import batch, transaction
from loyalty.kernel.effects import Effect
from loyalty.kernel.events import announce
from loyalty.points.service import set_earning_class
from loyalty.programme.queries import Version
from loyalty.tiers.events import LevelReached
from loyalty.tiers.rules import Anchors, Decision, Figures, Scheme, Standing

# The Chinese of these reads {level_zh}: both names are among the numbers.
RISEN = "Level {level} reached on {day}."
FALLEN = "Level {level} from {day} on, after the review."

_BOOK = text("""
    WITH r AS MATERIALIZED (
        SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS r (
            customer_id bigint, place integer, last boolean, day date, outcome text, from_code text, to_code text,
            since_day date, valid_to date, grace_until date, figures jsonb)
    ), standing AS (
        UPDATE tier_standings AS s
           SET level_code = r.to_code, since_day = r.since_day, valid_to = r.valid_to, grace_until = r.grace_until,
               settled_day = GREATEST(s.settled_day, r.day)
          FROM r
         WHERE s.customer_id = r.customer_id AND r.last
    ), evaluation AS (
        INSERT INTO tier_evaluations (customer_id, day, outcome, from_code, to_code, valid_to, figures,
                                      policy_version_id, booked_at, by_name)
        SELECT customer_id, day, outcome, from_code, to_code, COALESCE(grace_until, valid_to), figures,
               :policy_version_id, :now, :by
          FROM r ORDER BY place
    )
    INSERT INTO level_changes (customer_id, from_day, from_code, to_code, reason, booked_at, by_name)
    SELECT customer_id, since_day, from_code, to_code, CASE outcome WHEN 'up' THEN 'rise' ELSE 'review' END, :now, :by
      FROM r WHERE outcome IN ('up', 'down') ORDER BY place
""")


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision about a standing, by these figures."""

    standing: Standing
    decision: Decision
    figures: Figures

    @property
    def changes(self) -> bool:
        """Return whether the level is another one now."""
        return self.decision.outcome in {"up", "down"}


def book(decided: Sequence[Decided], version: Version, *, now: datetime, by: Actor) -> list[Effect]:
    """Write the decisions in their order, several of one member included; return the changes of level in words."""
    if not decided:
        return []
    with transaction() as session:
        last = {one.standing.customer_id: place for place, one in enumerate(decided)}
        rows = [
            _row(one, version.rules, place=place, last=last[one.standing.customer_id] == place)
            for place, one in enumerate(decided)
        ]
        session.execute(_BOOK, {"rows": batch(rows), "policy_version_id": version.id, "now": now, "by": by.name})
        changed = [one for one in decided if one.changes]
        classes = {one.standing.customer_id: one.decision.level.code for one in changed}
        if classes:
            set_earning_class(classes, now=now, by=by)
        effects = [_effect(one) for one in changed]
        write_timeline(
            [
                TimelineEntry(one.standing.customer_id, now, "tier", effect.sentence, effect.numbers, by.name)
                for one, effect in zip(changed, effects, strict=True)
            ]
        )
        return effects + announce(_reached(changed), now=now, by=by)


def _reached(changed: Sequence[Decided]) -> list[LevelReached]:
    """Return what members have reached in the end: of several changes of one member, the last if it is a rise."""
    last = {one.standing.customer_id: one for one in changed}
    return [
        LevelReached(customer_id, one.decision.level.code, one.decision.level.name, one.decision.since_day)
        for customer_id, one in last.items()
        if one.decision.outcome == "up"
    ]


def _row(one: Decided, scheme: Scheme, *, place: int, last: bool) -> dict[str, Any]:
    decision = one.decision
    return {
        "customer_id": one.standing.customer_id,
        "place": place,
        "last": last,
        "day": decision.day,
        "outcome": decision.outcome,
        "from_code": one.standing.level_code,
        "to_code": decision.level.code,
        "since_day": decision.since_day,
        "valid_to": decision.valid_to,
        "grace_until": decision.grace_until,
        "figures": told(one, scheme),
    }


def told(one: Decided, scheme: Scheme) -> list[dict[str, Any]]:
    """Return the figures of a decision as they are kept: metric, kinds, first and last day, figure."""
    standing, day = one.standing, one.decision.day
    anchors = Anchors(standing.joined_day, standing.since_day, standing.delivery_day)
    return [
        {
            "metric": measure.metric,
            "kinds": sorted(measure.kinds),
            "from_day": measure.window.start(day, anchors),
            "to_day": day,
            "figure": one.figures[measure],
        }
        for measure in scheme.measures
    ]


def _effect(one: Decided) -> Effect:
    level = one.decision.level
    risen = one.decision.outcome == "up"
    numbers = {
        "level": level.name["en"],
        "level_zh": level.name["zh"],
        "level_code": level.code,
        "day": one.decision.since_day.isoformat(),
        "valid_to": None if one.decision.valid_to is None else one.decision.valid_to.isoformat(),
    }
    kind, sentence = ("tiers.risen", RISEN) if risen else ("tiers.fallen", FALLEN)
    return Effect(kind, sentence, numbers, one.standing.customer_id)
