"""What is told of messages afterwards: receipts of providers, people who settle what is unknown, and resends."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from loyalty.customers.queries import aliases
from loyalty.kernel.actor import Actor, Scope
from loyalty.kernel.db import batch, id_array, transaction
from loyalty.kernel.errors import Malformed
from loyalty.messaging import queries
from loyalty.messaging.queries.messages import MessageView
from loyalty.messaging.rules import CHANNELS, EvidenceMissing, NotThatState, ResentBefore, TextForgotten
from loyalty.messaging.sealed import open_body, seal_body
from loyalty.messaging.service.outbox import announce_ends
from loyalty.staff.service import AuditEntry, record_audit

RECEIPTS = ("delivered", "failed")
RESENDABLE = frozenset({"failed", "denied", "expired", "cancelled"})
MOST_RECEIPTS = 500
SHORTEST_EVIDENCE = 4
_KEY = re.compile(r"m[1-9][0-9]{0,17}", re.ASCII)

# What was failed by a provider's receipt and is delivered by a later one is delivered.
_RECEIPTS = text("""
    WITH told AS (
        SELECT m.customer_id, m.id, r.kind, r.at, r.detail, r.reference
        FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (
            channel text, reference text, message_id bigint, kind text, at timestamptz, detail text)
        JOIN messages AS m ON m.channel = r.channel
            AND CASE WHEN r.message_id IS NULL THEN m.reference = r.reference ELSE m.id = r.message_id END
    ), kept AS (
        INSERT INTO message_receipts (customer_id, message_id, kind, source, at, detail, by_name)
        SELECT DISTINCT ON (customer_id, id, kind) customer_id, id, kind, 'provider', at, detail, :by FROM told
        ON CONFLICT DO NOTHING RETURNING customer_id, message_id, kind, detail
    ), final AS (
        SELECT kept.customer_id, kept.message_id, min(kept.kind) AS kind, min(kept.detail) AS detail,
            min(told.reference) AS reference
        FROM kept JOIN told ON told.customer_id = kept.customer_id AND told.id = kept.message_id
        GROUP BY kept.customer_id, kept.message_id
    )
    UPDATE messages AS m SET state = final.kind, problem = CASE final.kind WHEN 'failed' THEN final.detail END,
        reference = coalesce(m.reference, final.reference)
    FROM final WHERE m.customer_id = final.customer_id AND m.id = final.message_id
        AND (m.state IN ('sent', 'unknown') OR (m.state = 'failed' AND final.kind = 'delivered'))
    RETURNING m.customer_id, m.id, m.state, m.channel, m.about_kind, m.about_id, m.ended_at
""")
_BOUNCED = text("""
    INSERT INTO address_stops (kind, blind, reason, at, source)
    SELECT i.kind, i.blind, 'bounced', CAST(:now AS timestamptz), 'receipt of message ' || m.id
    FROM messages AS m
    JOIN jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (
        channel text, reference text, message_id bigint, bounced boolean)
        ON m.channel = r.channel AND r.bounced
        AND CASE WHEN r.message_id IS NULL THEN m.reference = r.reference ELSE m.id = r.message_id END
    JOIN message_attempts AS a ON a.customer_id = m.customer_id AND a.message_id = m.id AND a.number = m.attempts
    JOIN LATERAL (
        SELECT kind, blind FROM identifiers AS own WHERE own.customer_id = m.customer_id
            AND own.kind = CASE m.channel WHEN 'email' THEN 'email' WHEN 'wechat' THEN 'openid' ELSE 'phone' END
            AND own.created_at <= a.handed_at
        ORDER BY own.id LIMIT 1
    ) AS i ON true
    ON CONFLICT DO NOTHING
""")
_SETTLE = text("""
    WITH settled AS (
        UPDATE messages SET state = :state, problem = CASE CAST(:state AS text) WHEN 'failed' THEN 'not_sent' END
        WHERE customer_id = :customer_id AND id = :id AND state = 'unknown'
        RETURNING customer_id, id, state, channel, about_kind, about_id, ended_at
    ), noted AS (
        INSERT INTO message_receipts (customer_id, message_id, kind, source, at, detail, by_name)
        SELECT customer_id, id, :kind, 'staff', CAST(:now AS timestamptz), :evidence, :by FROM settled
        ON CONFLICT DO NOTHING
    )
    SELECT * FROM settled
""")
_RESEND = text("""
    INSERT INTO messages (customer_id, dedupe_key, version_id, purpose, channel, language, store_id, body_sealed,
        due_at, next_at, about_kind, about_id, resends_id, planned_at, planned_by)
    SELECT customer_id, :dedupe_key, version_id, purpose, channel, language, store_id, :body, CAST(:now AS timestamptz),
        CAST(:now AS timestamptz), about_kind, about_id, id, CAST(:now AS timestamptz), :by
    FROM messages WHERE customer_id = :customer_id AND id = :id
    ON CONFLICT DO NOTHING RETURNING id
""")
_CANCEL = text("""
    UPDATE messages SET state = 'cancelled', problem = 'by_hand', ended_at = CAST(:now AS timestamptz)
    WHERE customer_id = :customer_id AND id = :id AND state = 'due'
    RETURNING customer_id, id, state, channel, about_kind, about_id, ended_at
""")

_READ = text("""
    UPDATE messages SET read_at = CAST(:now AS timestamptz)
    WHERE customer_id = ANY (CAST(:ids AS bigint[])) AND read_at IS NULL AND state IN ('sent', 'delivered')
    RETURNING id
""")


@dataclass(frozen=True, slots=True)
class ReceiptTold:
    """What a provider says of a message that it calls `reference`; `bounced`: the address takes nothing any more.

    `key` is what we called the message when it was handed over, where the provider gives it back: by it alone is a
    message found whose answer was lost.
    """

    channel: str
    reference: str | None
    kind: str
    at: datetime
    detail: str | None = None
    bounced: bool = False
    key: str | None = None


def record_receipts(receipts: Sequence[ReceiptTold], *, now: datetime, by: Actor) -> int:
    """Write what providers tell, each once; return how many messages it moved. Unknown references are passed over."""
    for place, one in enumerate(receipts):
        if one.channel not in CHANNELS or one.kind not in RECEIPTS:
            raise Malformed({f"receipts[{place}]": ["Name the channel, and delivered or failed."]})
        if (one.reference is None and one.key is None) or not (one.key is None or _KEY.fullmatch(one.key)):
            raise Malformed({f"receipts[{place}].key": ["Name the reference of the provider, or our key, as m42."]})
    if not 0 < len(receipts) <= MOST_RECEIPTS:
        raise Malformed({"receipts": ["Send 1 to 500 receipts at once."]})
    rows: list[dict[str, Any]] = [
        {
            "channel": one.channel,
            "reference": one.reference,
            "message_id": None if one.key is None else int(one.key[1:]),
            "kind": one.kind,
            "at": one.at,
            "detail": None if one.detail is None else one.detail[:200],
            "bounced": one.bounced and one.kind == "failed",
        }
        for one in receipts
    ]
    with transaction() as session:
        moved = session.execute(_RECEIPTS, {"rows": batch(rows), "by": by.name}).all()
        if any(row["bounced"] for row in rows):
            session.execute(_BOUNCED, {"rows": batch(rows), "now": now})
        announce_ends(moved, now=now)
        return len(moved)


def settle(message_id: int, *, sent: bool, evidence: str, scope: Scope, now: datetime, by: Actor) -> None:
    """Write that an unknown message went out, or did not, and how that is known. Refused: without evidence, late."""
    if len(evidence.strip()) < SHORTEST_EVIDENCE:
        raise EvidenceMissing
    view = queries.message(message_id, scope)
    with transaction() as session:
        values = {
            "customer_id": view.customer_id,
            "id": message_id,
            "state": "sent" if sent else "failed",
            "kind": "sent" if sent else "not_sent",
            "evidence": evidence.strip()[:500],
            "now": now,
            "by": by.name,
        }
        told = session.execute(_SETTLE, values).all()
        if not told:
            raise NotThatState(state=queries.message(message_id, scope).state)
        after = {"state": values["state"], "evidence": values["evidence"]}
        _write_down("message.settled", view, now=now, by=by, after=after)
        announce_ends(told, now=now)


def resend(message_id: int, *, scope: Scope, now: datetime, by: Actor) -> int:
    """Plan the same text once more, as a new message that names this one; return its id.

    Refused: a message that may have gone out (settle it first) or still goes, and one that was sent again before.
    """
    view = queries.message(message_id, scope)
    if view.state not in RESENDABLE:
        raise NotThatState(state=view.state)
    if view.body_sealed is None:
        raise TextForgotten
    key = f"resend:{message_id}"
    body = seal_body(key, open_body(view.dedupe_key, view.body_sealed))
    with transaction() as session:
        values = {"customer_id": view.customer_id, "id": message_id, "dedupe_key": key, "body": body}
        made: int | None = session.scalar(_RESEND, {**values, "now": now, "by": by.name})
        if made is None:
            raise ResentBefore(message=queries.resent_as(view.customer_id, message_id))
        _write_down("message.resent", view, now=now, by=by, after={"message": made})
        return made


def cancel_message(message_id: int, *, scope: Scope, now: datetime, by: Actor) -> None:
    """Cancel one message that waits; refused when it is on its way or at an end."""
    view = queries.message(message_id, scope)
    with transaction() as session:
        values = {"customer_id": view.customer_id, "id": message_id, "now": now}
        told = session.execute(_CANCEL, values).all()
        if not told:
            raise NotThatState(state=queries.message(message_id, scope).state)
        _write_down("message.cancelled", view, now=now, by=by, after={"state": "cancelled"})
        announce_ends(told, now=now)


def mark_read(customer_id: int, *, now: datetime) -> int:
    """Mark what an owner got as read; return how many messages were new."""
    with transaction() as session:
        ids = id_array([customer_id, *aliases(customer_id)])
        return len(session.execute(_READ, {"ids": ids, "now": now}).all())


def _write_down(action: str, view: MessageView, *, now: datetime, by: Actor, after: dict[str, Any]) -> None:
    record_audit(
        [
            AuditEntry(
                action,
                "message",
                view.id,
                by,
                now,
                view.customer_id,
                view.store_id,
                before={"state": view.state},
                after=after,
            )
        ]
    )
