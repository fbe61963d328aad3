"""One-time codes: handed out, checked, swept away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from loyalty.customers import queries as customers
from loyalty.customers import service as customers_service
from loyalty.customers.rules import CONSENT_TEXT, ConsentGiven
from loyalty.kernel import sessions
from loyalty.kernel.actor import Actor, Scope
from loyalty.kernel.crypto import blind_index
from loyalty.kernel.db import transaction
from loyalty.messaging.queries import templates_by_names
from loyalty.messaging.rules import LANGUAGES, Rendered, misfits, parse_texts, render
from loyalty.messaging.service import TemplateDraft, ensure_templates
from loyalty.owners import queries
from loyalty.owners.models import OwnerCode
from loyalty.owners.rules import (
    ADDRESS_LIMITS,
    CODE_BODY,
    CODE_TEXT,
    CODE_TITLE,
    GOOD_FOR,
    LONGEST_WINDOW,
    MOST_TRIES,
    PHONE_LIMITS,
    CodeRunOut,
    TooManyCodes,
    WrongCode,
    new_code,
    wait,
)
from loyalty.staff.service import AuditEntry, record_audit

BUDGET_WINDOW = timedelta(hours=1)
SITE = b"the site"  # its budget is one for all, so codes are handed out one after another: some hundred a second


@dataclass(frozen=True, slots=True)
class Issued:
    """A code to be sent to `phone`, unless nobody has this phone (`known` false): then nothing is sent."""

    phone: str
    code: str
    known: bool


def issue_code(phone: str, *, address: str, site_budget: int, now: datetime) -> Issued:
    """Make a code for a phone (in its normal form); the ones before it end.

    TooManyCodes when the phone, the address or the site (`site_budget` an hour) has had its codes. What follows is the
    same for a phone that nobody has, so that time tells nothing.
    """
    phone_hash, address_hash = _phone_hash(phone), blind_index(address, purpose="owners.address")
    code = new_code()
    with transaction() as session:
        _one_at_a_time(session, phone_hash, address_hash, SITE)
        _check_limits(phone_hash, address_hash, site_budget, now)
        known = bool(customers.customer_ids_by_phone(phone))
        session.add(
            OwnerCode(
                phone_hash=phone_hash,
                address_hash=address_hash,
                code_hash=_code_hash(phone, code),
                tries=0,
                created_at=now,
                expires_at=now + GOOD_FOR,
                used_at=None,
            ),
        )
    return Issued(phone, code, known)


def ensure_texts(*, now: datetime) -> int:
    """Write the words of codes unless they are there; return how many were written. They stay as people wrote them."""
    return ensure_templates([TemplateDraft(CODE_TEXT, CODE_TITLE, "service", CODE_BODY)], now=now)


def code_message(code: str, *, language: str) -> Rendered:
    """Return what is sent with a code: in the words of its template, or in the first ones where that is not usable.

    A template that was retired, is not there or says no code by SMS keeps nobody from signing in. What comes back is
    handed to the carrier and written down nowhere.
    """
    written = templates_by_names([CODE_TEXT]).get(CODE_TEXT)
    texts = parse_texts(CODE_BODY)
    if written is not None and not written.retired:
        own = written.texts
        texts = texts if "sms" not in own.texts or misfits(CODE_TEXT, own) else own
    values = {"code": code, "minutes": str(int(GOOD_FOR.total_seconds()) // 60)}
    return render(CODE_TEXT, texts, "sms", language if language in LANGUAGES else LANGUAGES[0], values)


def _one_at_a_time(session: Session, *subjects: bytes) -> None:
    """Let requests for the same subject follow each other until the end of the transaction."""
    for key in sorted(int.from_bytes(subject[:8], signed=True) for subject in subjects):
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def _check_limits(phone_hash: bytes, address_hash: bytes, site_budget: int, now: datetime) -> None:
    waits = [
        wait(queries.sent_to(phone_hash, since=now - LONGEST_WINDOW), PHONE_LIMITS, now),
        wait(queries.sent_from(address_hash, since=now - LONGEST_WINDOW), ADDRESS_LIMITS, now),
    ]
    if queries.sent_by_site(since=now - BUDGET_WINDOW) >= site_budget:
        waits.append(timedelta(minutes=10))
    longest = max((one for one in waits if one), default=None)
    if longest is not None:
        raise TooManyCodes(retry_after=-int(-longest.total_seconds() // 1))


# One statement counts the try and uses the code up, so that parallel guesses wait for each other on the row.
TRY_CODE = text("""
    UPDATE owner_codes SET tries = tries + 1, used_at = CASE WHEN code_hash = :code_hash THEN :now END
    WHERE id = (SELECT max(id) FROM owner_codes WHERE phone_hash = :phone_hash)
    AND used_at IS NULL AND tries < :most AND expires_at > :now
    RETURNING used_at IS NOT NULL AS fits, tries
""")


def check_code(phone: str, code: str, *, address: str | None = None, now: datetime) -> list[int]:
    """Return who may sign in with this phone; the code is used up by it.

    Each call counts as a try, a refused one too; the last is in the audit trail with the `address` it came from.
    WrongCode: not this one, or nobody has the phone; CodeRunOut: too old, used, tried five times, or a newer one was
    sent.
    """
    with transaction() as session:
        tried = session.execute(
            TRY_CODE,
            {
                "phone_hash": _phone_hash(phone),
                "code_hash": _code_hash(phone, code),
                "now": now,
                "most": MOST_TRIES,
            },
        ).one_or_none()
        people = customers.customer_ids_by_phone(phone)
        if tried is not None and not tried.fits and tried.tries == MOST_TRIES:
            _note_tried_out(people or [None], address=address, now=now)
    if tried is None:
        raise CodeRunOut
    if not tried.fits or not people:
        raise WrongCode(left=MOST_TRIES - tried.tries)
    return people


def _note_tried_out(people: Sequence[int | None], *, address: str | None, now: datetime) -> None:
    by = Actor(kind="system", id=None, name="sign-in", address=address)
    record_audit([AuditEntry("owner.code_tried_out", "customer", one, by, now, one) for one in people])


def record_sign_in(customer_id: int, *, offers: bool, now: datetime, by: Actor) -> None:
    """Write down that an owner signed in, agreeing to the privacy notice, and (`offers`) to offers by text message."""
    given = [ConsentGiven("privacy", "all", True, now, CONSENT_TEXT, "sign-in")]
    if offers:
        given.append(ConsentGiven("marketing", "sms", True, now, CONSENT_TEXT, "sign-in"))
    with transaction():
        customers_service.record_consents(customer_id, given, scope=Scope(None, customer_id), now=now, by=by)
        record_audit([AuditEntry("owner.signed_in", "customer", customer_id, by, now, customer_id)])


def record_sign_out(customer_id: int, *, now: datetime, by: Actor) -> None:
    """Write that an owner signed out."""
    record_audit([AuditEntry("owner.signed_out", "customer", customer_id, by, now, customer_id)])


def end_session(customer_id: int, session_id: str, *, now: datetime, by: Actor) -> None:
    """Sign an owner out on one device; nothing happens when it is signed out there already."""
    with transaction():
        if sessions.end_one("owner", customer_id, session_id):
            record_audit([AuditEntry("owner.session_ended", "customer", customer_id, by, now, customer_id)])


def end_sessions(customer_id: int, *, kept: str | None, now: datetime, by: Actor) -> None:
    """Sign an owner out on every device but that of the session with the id `kept`."""
    with transaction():
        if sessions.end_all("owner", customer_id, kept=kept):
            record_audit([AuditEntry("owner.sessions_ended", "customer", customer_id, by, now, customer_id)])


def sweep_codes(now: datetime, *, dry_run: bool = False) -> int:
    """Delete codes that count for no limit any more, or with `dry_run` only count them; return how many."""
    oldest = now - 2 * LONGEST_WINDOW
    if dry_run:
        return queries.codes_before(oldest)
    with transaction() as session:
        old = delete(OwnerCode).where(OwnerCode.created_at < oldest).returning(OwnerCode.id)
        return len(session.execute(old).all())


def forget_people(customer_ids: Sequence[int], traces: Sequence[str]) -> None:
    """End the sessions of these customers, and forget the codes sent to their phones and what forms kept of them."""
    with transaction() as session:
        for customer_id in customer_ids:
            sessions.end_all("owner", customer_id)
        hashes = [_phone_hash(trace) for trace in traces]
        session.execute(delete(OwnerCode).where(OwnerCode.phone_hash.in_(hashes)))
        sessions.forget(traces)


def _phone_hash(phone: str) -> bytes:
    return blind_index(phone, purpose="owners.phone")


def _code_hash(phone: str, code: str) -> bytes:
    return blind_index(f"{phone} {code}", purpose="owners.code")
