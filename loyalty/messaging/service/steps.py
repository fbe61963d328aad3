"""The steps by which a row leaves the house: claim, hand over, finish, sweep; the same for every table that has them.

A row is claimed by a token for a lease, handed over under that token right before its call, and finished under it. Only
the database's clock counts. Many rows take a step by one statement, yet each has its own attempt row before its call
begins, so that a kill at any point leaves behind exactly what is not known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text

from loyalty.kernel.db import batch, db
from loyalty.messaging.rules import LEASE, MOST_ATTEMPTS

_CLAIM = """
    WITH due AS (
        SELECT {owner}, id FROM {table}
        WHERE state = 'due' AND channel = :channel AND next_at <= statement_timestamp()
        ORDER BY next_at LIMIT :most FOR UPDATE SKIP LOCKED
    )
    UPDATE {table} AS m SET state = 'sending', token = :token, handed_at = NULL,
        lease_until = clock_timestamp() + CAST(:lease AS interval)
    FROM due WHERE m.{owner} = due.{owner} AND m.id = due.id
    RETURNING m.{owner} AS owner_id, m.id
"""
# `handed_at IS NULL`: a hand gives each message away once, however often it asks.
_HAND_OVER = """
    WITH handed AS (
        UPDATE {table} AS m SET handed_at = clock_timestamp(), attempts = m.attempts + 1, dedupes = :dedupes, {cleared}
        FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (owner_id bigint, id bigint, shown text)
        WHERE m.{owner} = r.owner_id AND m.id = r.id AND m.token = :token AND m.state = 'sending'
            AND m.handed_at IS NULL AND m.lease_until > clock_timestamp() + CAST(:spare AS interval)
        RETURNING m.{owner} AS owner_id, m.id, m.attempts, m.handed_at, r.shown
    )
    INSERT INTO {attempts} ({owner}, {row}, number, token, handed_at, shown{extra})
    SELECT owner_id, id, attempts, CAST(:token AS uuid), handed_at, shown{extra_value} FROM handed
    RETURNING {owner} AS owner_id, {row} AS id, number
"""
# The attempt keeps its answer even when the lease ran out meanwhile: it is evidence. The row obeys its holder alone.
_FINISH = """
    WITH answers AS (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (
            owner_id bigint, id bigint, number integer, outcome text, reference text, detail text, state text,
            pause double precision)
    ), told AS (
        UPDATE {attempts} AS a SET outcome = r.outcome, reference = r.reference, detail = r.detail,
            answered_at = clock_timestamp()
        FROM answers AS r
        WHERE a.{owner} = r.owner_id AND a.{row} = r.id AND a.number = r.number AND a.outcome IS NULL
    )
    UPDATE {table} AS m SET state = r.state, token = NULL, lease_until = NULL, reference = r.reference,
        problem = CASE WHEN r.outcome = 'accepted' THEN NULL ELSE r.detail END,
        next_at = CASE WHEN r.state = 'due' THEN clock_timestamp() + make_interval(secs => r.pause) ELSE m.next_at END,
        ended_at = CASE WHEN r.state = 'due' THEN NULL ELSE clock_timestamp() END
    FROM answers AS r
    WHERE m.{owner} = r.owner_id AND m.id = r.id AND m.token = :token AND m.state = 'sending'
    RETURNING {told}
"""
_SWEEP = """
    WITH lapsed AS (
        SELECT {owner}, id FROM {table} WHERE state = 'sending' AND lease_until < statement_timestamp()
        ORDER BY lease_until LIMIT :most FOR UPDATE SKIP LOCKED
    )
    UPDATE {table} AS m SET token = NULL, lease_until = NULL,
        state = CASE WHEN handed_at IS NULL OR (dedupes AND attempts < :most_attempts) THEN 'due' ELSE 'unknown' END,
        next_at = CASE WHEN handed_at IS NULL OR (dedupes AND attempts < :most_attempts)
            THEN clock_timestamp() ELSE next_at END,
        problem = CASE WHEN handed_at IS NULL THEN problem ELSE 'lapsed' END,
        ended_at = CASE WHEN handed_at IS NULL OR (dedupes AND attempts < :most_attempts)
            THEN NULL ELSE clock_timestamp() END
    FROM lapsed WHERE m.{owner} = lapsed.{owner} AND m.id = lapsed.id
    RETURNING {told}
"""
# An answer that came after the lease says of its own call what nobody else can know.
_SETTLE = """
    WITH late AS (
        SELECT m.{owner}, m.id, a.outcome, a.reference FROM {table} AS m
        JOIN {attempts} AS a ON a.{owner} = m.{owner} AND a.{row} = m.id AND a.number = m.attempts
        WHERE m.state = 'unknown' AND a.outcome IN ('accepted', 'refused', 'busy', 'not_called')
        ORDER BY m.id LIMIT :most FOR UPDATE OF m SKIP LOCKED
    )
    UPDATE {table} AS m SET reference = late.reference,
        state = CASE late.outcome WHEN 'accepted' THEN 'sent' WHEN 'refused' THEN 'failed' ELSE 'due' END,
        problem = CASE WHEN late.outcome = 'accepted' THEN NULL ELSE m.problem END,
        next_at = CASE WHEN late.outcome IN ('busy', 'not_called') THEN clock_timestamp() ELSE m.next_at END,
        ended_at = CASE WHEN late.outcome IN ('busy', 'not_called') THEN NULL ELSE m.ended_at END
    FROM late WHERE m.{owner} = late.{owner} AND m.id = late.id
    RETURNING {told}
"""
SPARE = timedelta(seconds=20)
"""What a lease must still have at a hand-over: the longest call, and some."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A row in our hands past the point of no return; `number` names the attempt."""

    owner_id: int
    id: int
    number: int


@dataclass(frozen=True)
class Steps:
    """The steps of one table: `owner` is the first column of its key, `row` what its attempts call its id.

    `told` are the columns that a finished row is announced with; `extra` is one more column of attempts, given as
    `:extra` at a hand-over.
    """

    table: str
    attempts: str
    owner: str
    row: str
    told: str
    cleared: str
    extra: str = ""

    def __post_init__(self) -> None:
        names = {
            "table": self.table,
            "attempts": self.attempts,
            "owner": self.owner,
            "row": self.row,
            "cleared": self.cleared,
            "told": ", ".join(f"m.{name.strip()}" for name in self.told.split(",")),
            "extra": f", {self.extra}" if self.extra else "",
            "extra_value": ", CAST(:extra AS bigint)" if self.extra else "",
        }
        made = {
            name: text(pattern.format(**names))
            for name, pattern in (
                ("claim", _CLAIM),
                ("hand_over", _HAND_OVER),
                ("finish", _FINISH),
                ("sweep", _SWEEP),
                ("settle", _SETTLE),
            )
        }
        object.__setattr__(self, "_made", made)

    def claim(self, channel: str, token: UUID, *, most: int) -> list[tuple[int, int]]:
        """Take what is due, at most so many rows, for one lease; return their keys. Inside a transaction."""
        rows = self._rows("claim", {"channel": channel, "token": token, "most": most, "lease": LEASE})
        return [(row.owner_id, row.id) for row in rows]

    def hand_over(
        self, token: UUID, rows: Sequence[Mapping[str, Any]], *, dedupes: bool, extra: int | None = None
    ) -> list[Handed]:
        """Write an attempt for each of `rows` (owner_id, id, shown) that is still ours and has time left.

        What is not among the answers must not be sent. The point of no return is the commit that follows.
        """
        values: dict[str, Any] = {"rows": batch(list(rows)), "token": token, "dedupes": dedupes, "spare": SPARE}
        if self.extra:
            values["extra"] = extra
        return [Handed(row.owner_id, row.id, row.number) for row in self._rows("hand_over", values)]

    def finish(self, token: UUID, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Write what came of attempts, and of their rows where they are still ours; return those rows as told."""
        return self._rows("finish", {"rows": batch(list(rows)), "token": token})

    def sweep(self, *, most: int) -> list[Any]:
        """Free rows whose lease ran out; return them as told: due again, or unknown."""
        return self._rows("sweep", {"most": most, "most_attempts": MOST_ATTEMPTS})

    def settle(self, *, most: int) -> list[Any]:
        """Settle unknown rows by answers that came late; return them as told."""
        return self._rows("settle", {"most": most})

    def _rows(self, name: str, values: Mapping[str, Any]) -> list[Any]:
        made: Mapping[str, TextClause] = self.__dict__["_made"]
        return list(db.session.execute(made[name], dict(values)))
