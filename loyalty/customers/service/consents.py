"""What customers agree to and withdraw."""

from collections.abc import Sequence
from datetime import datetime

from loyalty.customers import queries
from loyalty.customers.models import ConsentEvent
from loyalty.customers.rules import ConsentGiven, TimelineEntry, agreed, check_consent
from loyalty.customers.service.timeline import write_timeline
from loyalty.kernel.actor import Actor, Scope
from loyalty.kernel.db import transaction
from loyalty.kernel.errors import Malformed
from loyalty.staff.service import AuditEntry, record_audit

SENTENCES = {
    ("privacy", True): "Agreed to the privacy notice",
    ("privacy", False): "Withdrew the agreement to the privacy notice",
    ("service", True): "Agreed to service notices by {channel}",
    ("service", False): "Withdrew the agreement to service notices by {channel}",
    ("marketing", True): "Agreed to offers by {channel}",
    ("marketing", False): "Withdrew the agreement to offers by {channel}",
}


def record_consents(
    customer_id: int,
    given: Sequence[ConsentGiven],
    *,
    scope: Scope,
    now: datetime,
    by: Actor,
) -> list[ConsentGiven]:
    """Write what a customer granted or withdrew; return the events that change the state, the others being left out.

    Malformed: an unknown purpose or channel, a moment in the future.
    """
    for event in given:
        check_consent(event.purpose, event.channel)
        if event.at > now:
            raise Malformed({"at": ["This moment lies in the future."]})
    with transaction() as session:
        row = queries.locked(customer_id, scope)
        state = queries.consents(customer_id)
        changed = [event for event in given if agreed(state, event.purpose, event.channel) != event.granted]
        session.add_all(
            ConsentEvent(
                customer_id=customer_id,
                purpose=event.purpose,
                channel=event.channel,
                granted=event.granted,
                text_version=event.text_version,
                proof=event.proof,
                at=event.at,
                by_kind=by.kind,
                by_name=by.name,
            )
            for event in changed
        )
        record_audit([_audited(event, row.id, row.home_store_id, now=now, by=by) for event in changed])
        write_timeline([_told(event, customer_id, by) for event in changed])
    return changed


def _audited(event: ConsentGiven, customer_id: int, store_id: int | None, *, now: datetime, by: Actor) -> AuditEntry:
    after = {"purpose": event.purpose, "channel": event.channel, "granted": event.granted}
    return AuditEntry("consent.recorded", "customer", customer_id, by, now, customer_id, store_id, after=after)


def _told(event: ConsentGiven, customer_id: int, by: Actor) -> TimelineEntry:
    sentence = SENTENCES[event.purpose, event.granted]
    return TimelineEntry(customer_id, event.at, "consent", sentence, {"channel": event.channel}, by.name)
