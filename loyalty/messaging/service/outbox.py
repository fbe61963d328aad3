"""Messages past the gate: handed over with the decision stored, finished, swept, expired; each in one transaction."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text

from loyalty.customers.rules import TimelineEntry, masked
from loyalty.customers.sealed import open_identifier
from loyalty.customers.service import write_timeline
from loyalty.kernel.actor import job_actor
from loyalty.kernel.crypto import BrokenSeal
from loyalty.kernel.db import batch, database_now, transaction
from loyalty.kernel.events import announce
from loyalty.messaging import outlets, queries
from loyalty.messaging.events import MessageEnded
from loyalty.messaging.ports import Outgoing
from loyalty.messaging.queries.gate import Asked
from loyalty.messaging.rules import ENDED, IDENTIFIERS, Decision, Next, Rendered, after_answer, decide
from loyalty.messaging.sealed import open_body, opt_out_token
from loyalty.messaging.service.channels import take_allowance
from loyalty.messaging.service.parcels import Parcel
from loyalty.messaging.service.steps import Handed, Steps

logger = logging.getLogger(__name__)

SHUT = timedelta(hours=1)
"""How long a message waits when it or its address does not open: until then a key that was taken out may be back."""

BY = job_actor("messages")
MESSAGES = Steps(
    "messages",
    "message_attempts",
    owner="customer_id",
    row="message_id",
    told="customer_id, id, state, channel, about_kind, about_id, ended_at",
    cleared="rule = NULL",
    extra="policy_id",
)

_PUT_BACK = text("""
    WITH said AS (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (
            owner_id bigint, id bigint, verdict text, rule text, until timestamptz)
    ), kept AS (
        UPDATE messages AS m SET token = NULL, lease_until = NULL, rule = coalesce(r.rule, m.rule),
            state = CASE r.verdict WHEN 'deny' THEN 'denied' WHEN 'expire' THEN 'expired' ELSE 'due' END,
            next_at = CASE WHEN r.verdict IN ('deny', 'expire') THEN m.next_at
                ELSE coalesce(r.until, clock_timestamp() + interval '1 second') END,
            ended_at = CASE WHEN r.verdict IN ('deny', 'expire') THEN clock_timestamp() END
        FROM said AS r
        WHERE m.customer_id = r.owner_id AND m.id = r.id AND m.token = :token AND m.handed_at IS NULL
        RETURNING m.customer_id, m.id, m.state, m.channel, m.about_kind, m.about_id, m.ended_at
    ), noted AS (
        INSERT INTO send_decisions (customer_id, message_id, at, verdict, rule, until, policy_id)
        SELECT kept.customer_id, kept.id, clock_timestamp(), said.verdict, said.rule, said.until, :policy_id
        FROM kept JOIN said ON said.owner_id = kept.customer_id AND said.id = kept.id WHERE said.rule IS NOT NULL
    )
    SELECT * FROM kept
""")
_EXPIRE = text("""
    WITH late AS (
        SELECT customer_id, id FROM messages WHERE state = 'due' AND not_after < statement_timestamp()
        ORDER BY not_after LIMIT :most FOR UPDATE SKIP LOCKED
    ), gone AS (
        UPDATE messages AS m SET state = 'expired', rule = 'too_late', ended_at = clock_timestamp()
        FROM late WHERE m.customer_id = late.customer_id AND m.id = late.id
        RETURNING m.customer_id, m.id, m.state, m.channel, m.about_kind, m.about_id, m.ended_at
    ), noted AS (
        INSERT INTO send_decisions (customer_id, message_id, at, verdict, rule)
        SELECT customer_id, id, clock_timestamp(), 'expire', 'too_late' FROM gone
    )
    SELECT * FROM gone
""")


class Opened(NamedTuple):
    """What is handed over of a message: where to, and what it says."""

    address: str
    said: Rendered


def claim(channel: str, token: UUID, *, most: int) -> list[tuple[int, int]]:
    """Take messages that are due, as many as the channel's rate and pause allow; return (customer, message) ids."""
    with transaction():
        allowed = take_allowance(channel, most)
        return MESSAGES.claim(channel, token, most=allowed) if allowed else []


def hand_over(channel: str, token: UUID, keys: Sequence[tuple[int, int]], *, dedupes: bool) -> list[Parcel]:
    """Ask the gate once more about claimed messages, and hand over those that pass; the others go back or end.

    What comes back is past the point of no return. The customers are held meanwhile, so that no opt-out is committed
    between the decision and the hand-over; who is held by somebody else is asked again a moment later.
    """
    with transaction():
        standing, now = queries.hold_recipients([customer_id for customer_id, _ in keys])
        chosen = _one_each(keys, standing)
        policy = queries.gate_at(now or database_now())
        rows = [{"owner_id": one, "id": at, "recipient_id": standing[one]} for one, at in chosen]
        known = queries.asked(rows, channel, gate=policy.gate, now=now) if now else []
        rests = queries.rest_days(policy.gate, now, {one.store_id for one in known}) if now else {}
        said = {
            (one.owner_id, one.id): decide(one.facts, policy.gate, now=now, rests=rests[one.store_id])
            for one in known
            if now
        }
        passing = {(one.owner_id, one.id): one for one in known if said[one.owner_id, one.id].verdict == "allow"}
        opened, shut = _opened(passing, channel, now)
        _put_back([key for key in keys if key not in opened], said | shut, token, policy.version_id, now)
        shown = [_shown(key, opened[key].address, channel) for key in opened]
        handed = MESSAGES.hand_over(token, shown, dedupes=dedupes, extra=policy.version_id) if shown else []
        return [_parcel(passing[one.owner_id, one.id], one, opened[one.owner_id, one.id]) for one in handed]


def _one_each(keys: Sequence[tuple[int, int]], standing: Mapping[int, int]) -> list[tuple[int, int]]:
    """Return at most one message for each recipient, so that what counts against frequency is all written."""
    chosen: dict[int, tuple[int, int]] = {}
    for customer_id, message_id in keys:
        if customer_id in standing:
            chosen.setdefault(standing[customer_id], (customer_id, message_id))
    return list(chosen.values())


def _put_back(
    keys: Sequence[tuple[int, int]],
    said: Mapping[tuple[int, int], Decision],
    token: UUID,
    policy_id: int | None,
    now: datetime | None,
) -> None:
    again = Decision("hold")  # nothing was decided: the customer is held elsewhere, or has a message in this group
    rows = []
    for key in keys:
        one = said.get(key, again)
        rows.append({"owner_id": key[0], "id": key[1], "verdict": one.verdict, "rule": one.rule, "until": one.until})
    if rows:
        with transaction() as session:
            told = session.execute(_PUT_BACK, {"rows": batch(rows), "token": token, "policy_id": policy_id}).all()
            announce_ends(told, now=now or database_now())


def _opened(
    passing: Mapping[tuple[int, int], Asked], channel: str, now: datetime | None
) -> tuple[dict[tuple[int, int], Opened], dict[tuple[int, int], Decision]]:
    """Return what opens, and what is decided of the rest: those wait, and the others go on without them."""
    opened: dict[tuple[int, int], Opened] = {}
    shut: dict[tuple[int, int], Decision] = {}
    for key, one in passing.items():
        try:
            opened[key] = Opened(_address(one, channel), open_body(one.dedupe_key, one.body_sealed or b""))
        except BrokenSeal as problem:
            logger.warning("Message %s waits. %s", one.id, problem)
            shut[key] = Decision("hold", until=now and now + SHUT)
    return opened, shut


def _address(one: Asked, channel: str) -> str:
    sealed = one.address_sealed
    return "" if IDENTIFIERS[channel] is None or sealed is None else open_identifier(one.recipient_id, sealed)


def _shown(key: tuple[int, int], address: str, channel: str) -> dict[str, Any]:
    kind = IDENTIFIERS[channel]
    return {"owner_id": key[0], "id": key[1], "shown": masked(kind, address) if kind else "--"}


def _parcel(one: Asked, handed: Handed, opened: Opened) -> Parcel:
    rendered = opened.said
    home = outlets.public_url()
    offers = one.facts.purpose == "marketing"
    return Parcel(
        handed,
        one.recipient_id,
        Outgoing(
            key=f"m{one.id}",
            address=opened.address,
            text=rendered.text,
            subject=rendered.subject,
            language=one.language,
            purpose=one.facts.purpose,
            values=rendered.values,
            number=rendered.number,
            way_out=f"{home}/u/{opt_out_token(one.recipient_id)}" if home and offers else None,
        ),
    )


def finish(token: UUID, rows: Sequence[Mapping[str, Any]], recipients: Mapping[int, int]) -> int:
    """Write what came of calls; return how many messages were ours still. `recipients` are by message id."""
    with transaction():
        told = MESSAGES.finish(token, rows)
        now = max((row.ended_at for row in told if row.ended_at), default=None) or database_now()
        sent = [row for row in told if row.state == "sent" and row.channel != "inbox"]
        write_timeline(
            [
                TimelineEntry(
                    recipients[row.id],
                    row.ended_at,
                    "message",
                    "Message sent by {channel}",
                    {"channel": row.channel},
                    BY.name,
                    "message",
                    row.id,
                )
                for row in sent
            ]
        )
        announce_ends(told, now=now)
        return len(told)


def following(outcome: str, *, attempts: int, dedupes: bool) -> Next:
    """Return what becomes of a message after a call."""
    return after_answer(outcome, attempts=attempts, dedupes=dedupes)


def sweep(*, most: int = 1_000) -> int:
    """Free messages whose lease ran out, and settle unknown ones by answers that came late; return how many."""
    with transaction():
        told = [*MESSAGES.sweep(most=most), *MESSAGES.settle(most=most)]
        announce_ends(told, now=database_now())
        return len(told)


def expire(*, most: int = 1_000) -> int:
    """End messages that are due and too late by now; return how many."""
    with transaction() as session:
        told = session.execute(_EXPIRE, {"most": most}).all()
        announce_ends(told, now=database_now())
        return len(told)


def announce_ends(rows: Sequence[Any], *, now: datetime) -> None:
    """Tell the features above which messages came to an end, or to where nobody knows; inside the transaction."""
    ends = [
        MessageEnded(row.id, row.customer_id, row.about_kind, row.about_id, row.state)
        for row in rows
        if row.state in ENDED or row.state == "unknown"
    ]
    announce(ends, now=now, by=BY)
