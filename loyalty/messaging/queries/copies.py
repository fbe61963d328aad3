"""What is kept of a person's messages, for the copy that the person may have."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from loyalty.kernel.crypto import readable
from loyalty.kernel.db import db, id_array
from loyalty.messaging.sealed import readable_body, reply_place

_MESSAGES = text("""
    SELECT m.id, m.due_at, m.channel, m.purpose, m.state, m.rule, m.ended_at, m.read_at, m.dedupe_key, m.body_sealed,
        (SELECT jsonb_agg(jsonb_build_object('handed_at', a.handed_at, 'to', a.shown, 'outcome', a.outcome)
            ORDER BY a.number) FROM message_attempts AS a
            WHERE a.customer_id = m.customer_id AND a.message_id = m.id) AS attempts,
        (SELECT jsonb_agg(jsonb_build_object('at', d.at, 'verdict', d.verdict, 'rule', d.rule, 'until', d.until)
            ORDER BY d.id) FROM send_decisions AS d
            WHERE d.customer_id = m.customer_id AND d.message_id = m.id) AS decisions,
        (SELECT jsonb_agg(jsonb_build_object('at', r.at, 'kind', r.kind, 'source', r.source) ORDER BY r.id)
            FROM message_receipts AS r WHERE r.customer_id = m.customer_id AND r.message_id = m.id) AS receipts,
        (SELECT jsonb_build_object('asked_at', i.asked_at, 'times', i.times, 'said', i.said)
            FROM message_inquiries AS i WHERE i.customer_id = m.customer_id AND i.message_id = m.id) AS inquiry
    FROM messages AS m WHERE m.customer_id = ANY (CAST(:ids AS bigint[])) ORDER BY m.due_at, m.id
""")
_REPLIES = text("""
    SELECT received_at, channel, opted_out, provider_id, text_sealed FROM message_replies
    WHERE about_customer_id = ANY (CAST(:ids AS bigint[])) ORDER BY id
""")


def own_messages(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return the messages to a person with what they say, what was decided, and what became of them."""
    told = []
    for row in db.session.execute(_MESSAGES, {"ids": id_array(ids)}).mappings():
        one = dict(row)
        sealed, key = one.pop("body_sealed"), one.pop("dedupe_key")
        said = None if sealed is None else readable_body(key, bytes(sealed))
        told.append(one | {"subject": said and said.subject, "text": said and said.text})
    return told


def own_replies(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return what a person replied."""
    told = []
    for row in db.session.execute(_REPLIES, {"ids": id_array(ids)}).mappings():
        one = dict(row)
        sealed, number = one.pop("text_sealed"), one.pop("provider_id")
        place = reply_place(one["channel"], number)
        told.append(one | {"text": None if sealed is None else readable(bytes(sealed), place=place)})
    return told
