"""The review: falls, levels kept, grace, and rises that no sale brought about."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import transaction
from loyalty.kernel.journal import write_waiting
from loyalty.programme.queries import Version
from loyalty.tiers import queries
from loyalty.tiers.queries import Ask
from loyalty.tiers.rules import Scheme, Standing, judge_review, judge_rise
from loyalty.tiers.service.decisions import Decided, book

CHUNK = 20_000  # members in one transaction: some seconds, so that nobody waits long for a lock


@dataclass
class _Report:
    """What a review has found and done so far."""

    members: int = 0
    by_rank: Counter[int] = field(default_factory=Counter)
    by_code: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)

    def add(self, decided: list[Decided]) -> None:
        self.outcomes.update(one.decision.outcome for one in decided)

    def json(self, version: Version, as_of: date, *, dry_run: bool) -> dict[str, Any]:
        levels = version.rules.levels
        return {
            "as_of": as_of.isoformat(),
            "dry_run": dry_run,
            "rules_version": version.number,
            "members": self.members,
            "by_rules_alone": {level.code: self.by_rank[level.rank] for level in levels},
            "levels": {level.code: self.by_code[level.code] for level in levels},
            "changes": {outcome: self.outcomes[outcome] for outcome in ("up", "down", "kept", "grace")},
        }


def review(as_of: date, *, dry_run: bool, now: datetime, by: Actor) -> Mapping[str, Any]:
    """Judge all members by the figures at the end of `as_of`, and return how many have and would have which level.

    Levels whose last valid day is `as_of` or earlier are reviewed, each by the figures of its own last day, so that a
    late review decides as a punctual one. `by_rules_alone` counts what the figures of `as_of` qualify for, whatever
    members have; `levels` what they have after the review. Members who joined later are left out. A review that was
    interrupted goes on where it stopped, and one that is repeated changes nothing more. `dry_run` takes all back.
    """
    version = queries.scheme_on(as_of)
    report = _Report()
    after = 0
    while (last := queries.last_of_chunk(after=after, size=CHUNK)) is not None:
        with _kept_or_not(dry_run=dry_run):
            _review_chunk(version, as_of, (after, last), report, now=now, by=by)
        after = last
    return report.json(version, as_of, dry_run=dry_run)


@contextmanager
def _kept_or_not(*, dry_run: bool) -> Iterator[None]:
    """Hold one chunk together; in a dry run take back what was written."""
    with transaction() as session:
        if not dry_run:
            yield
            return
        write_waiting()
        inner = session.begin_nested()
        try:
            yield
        finally:
            inner.rollback()


def _review_chunk(
    version: Version, as_of: date, chunk: tuple[int, int], report: _Report, *, now: datetime, by: Actor
) -> None:
    after, last = chunk
    scheme: Scheme = version.rules
    while due := queries.lock_due(as_of, after=after, last=last):
        decided = _reviewed(scheme, due)
        book(decided, version, now=now, by=by)
        report.add(decided)
    found = queries.survey(scheme, as_of, after=after, last=last)
    decided = _risen(scheme, queries.lock_standings(found.rising) if found.rising else {}, as_of)
    book(decided, version, now=now, by=by)
    report.add(decided)
    report.members += sum(found.by_rank)
    report.by_rank.update(dict(enumerate(found.by_rank)))
    counts = queries.level_counts(as_of, after=after, last=last)
    for code, members in counts.items():
        report.by_code[scheme.level(code).code] += members


def _reviewed(scheme: Scheme, due: Mapping[int, Standing]) -> list[Decided]:
    """Decide once for each standing, by the figures of its own last day; what is due again comes again."""
    asks = [Ask(standing, standing.due_day) for standing in due.values() if standing.due_day is not None]
    figures = queries.figures(scheme, asks)
    decided = []
    for ask in asks:
        reached = figures[ask.standing.customer_id, ask.as_of]
        decided.append(Decided(ask.standing, judge_review(scheme, ask.standing, reached, ask.as_of), reached))
    return decided


def _risen(scheme: Scheme, members: Mapping[int, Standing], as_of: date) -> list[Decided]:
    asks = [Ask(standing, as_of) for standing in members.values()]
    figures = queries.figures(scheme, asks)
    decided = []
    for ask in asks:
        reached = figures[ask.standing.customer_id, as_of]
        decision = judge_rise(scheme, ask.standing, reached, as_of)
        if decision is not None:
            decided.append(Decided(ask.standing, decision, reached))
    return decided
