"""What the gate would say now about customers, without a message: for warnings, and to choose a channel."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import text

from loyalty.customers.queries import customers_by_ids
from loyalty.kernel.actor import Scope
from loyalty.kernel.db import db, id_array
from loyalty.messaging.queries.gate import gate_at, rest_days
from loyalty.messaging.rules import CONSENT_OF, Decision, Facts, Outlook, decide

# A phone is called as an SMS reaches it, but asks for a consent of its own.
_KNOWN = text("""
    SELECT c.id, c.state, coalesce(s.zone, 'Asia/Shanghai') AS zone, s.id AS store_id, s.code AS store, way.channel,
        i.blind IS NOT NULL AS addressed, coalesce(i.bounced, false) AS bounced,
        coalesce(i.opted_out, false) AS opted_out, consent.granted, h.paused_at IS NOT NULL AS paused
    FROM customers AS c
    CROSS JOIN (VALUES ('sms', 'phone'), ('phone', 'phone'), ('email', 'email'), ('wechat', 'openid'), ('inbox', ''))
        AS way (channel, kind)
    LEFT JOIN stores AS s ON s.id = c.home_store_id
    LEFT JOIN message_channels AS h ON h.channel = way.channel
    LEFT JOIN LATERAL (
        SELECT own.blind, EXISTS (SELECT FROM address_stops AS a WHERE a.kind = own.kind AND a.blind = own.blind
                AND a.reason = 'bounced') AS bounced,
            EXISTS (SELECT FROM address_stops AS a WHERE a.kind = own.kind AND a.blind = own.blind
                AND a.reason = 'opted_out') AS opted_out
        FROM identifiers AS own WHERE own.customer_id = c.id AND own.kind = way.kind ORDER BY 2, own.id LIMIT 1
    ) AS i ON true
    LEFT JOIN LATERAL (
        SELECT e.granted FROM consent_events AS e
        WHERE e.customer_id = c.id AND e.channel = way.channel AND e.purpose = :consent
        ORDER BY e.at DESC, e.id DESC LIMIT 1
    ) AS consent ON true
    WHERE c.id = ANY (CAST(:ids AS bigint[])) AND way.channel = ANY (:channels)
""")


def outlook(
    customer_ids: Collection[int], purpose: str, channels: Sequence[str], *, now: datetime, scope: Scope
) -> dict[int, Outlook]:
    """Return for each customer of the scope what the gate would say now, by channel; frequency is left out.

    Beside the channels of the outbox there is `phone`: whether a person may call.
    """
    seen = customers_by_ids(customer_ids, scope)
    policy = gate_at(now)
    values = {"ids": id_array(seen), "channels": list(channels), "consent": CONSENT_OF[purpose]}
    told: dict[int, dict[str, Decision]] = {customer_id: {} for customer_id in seen}
    rows = db.session.execute(_KNOWN, values).all() if seen else []
    rests = rest_days(policy.gate, now, {row.store_id for row in rows})
    for row in rows:
        facts = Facts(
            channel=row.channel,
            purpose=purpose,
            zone=row.zone,
            store=row.store,
            reachable=row.state in ("prospect", "active"),
            addressed=row.addressed,
            consent=row.granted,
            opted_out=row.opted_out,
            bounced=row.bounced,
            paused=row.paused,
        )
        told[row.id][row.channel] = decide(facts, policy.gate, now=now, rests=rests[row.store_id])
    return {customer_id: Outlook(customer_id, decisions) for customer_id, decisions in told.items()}
