"""Templates written, and new versions of them; a version is never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from loyalty.kernel.actor import SYSTEM, Actor
from loyalty.kernel.db import transaction
from loyalty.kernel.errors import Malformed
from loyalty.messaging import queries
from loyalty.messaging.models import Template, TemplateVersion
from loyalty.messaging.rules import FIRST_TEXTS, NAME, PURPOSES, TemplateTaken, VersionChanged, misfits, parse_texts
from loyalty.staff.service import AuditEntry, record_audit

LONGEST_TITLE = 80
RESERVED = frozenset({"new", "drafts"})


@dataclass(frozen=True, slots=True)
class TemplateDraft:
    """A template as a person or a feature writes it; `body` as `rules.parse_texts` reads it."""

    name: str
    title: str
    purpose: str
    body: Mapping[str, Any]


def create_template(draft: TemplateDraft, *, now: datetime, by: Actor) -> int:
    """Return the id of a new template, whose first version is in use at once. Refused: TemplateTaken, Malformed."""
    created = _create(draft, now=now, by=by)
    if created is None:
        raise TemplateTaken(template=draft.name)
    return created


def ensure_templates(drafts: Sequence[TemplateDraft], *, now: datetime, by: Actor = SYSTEM) -> int:
    """Write those of these templates that are not there yet, and leave the others as people changed them."""
    return sum(_create(draft, now=now, by=by) is not None for draft in drafts)


def ensure_texts(*, now: datetime) -> int:
    """Write the texts of messaging that are not there yet, and return how many; others stay as people wrote them."""
    drafts = [TemplateDraft(name, title, "service", body) for name, (title, body) in FIRST_TEXTS.items()]
    return ensure_templates(drafts, now=now)


def _create(draft: TemplateDraft, *, now: datetime, by: Actor) -> int | None:
    check_template(draft)
    values = {
        "name": draft.name,
        "title": draft.title.strip(),
        "purpose": draft.purpose,
        "created_at": now,
        "created_by": by.name,
    }
    with transaction() as session:
        made = insert(Template).values(values).on_conflict_do_nothing().returning(Template.id)
        template_id: int | None = session.scalar(made)
        if template_id is None:
            return None
        _add_version(template_id, 1, draft.body, now=now, by=by)
        after = {"name": draft.name, "purpose": draft.purpose, "body": dict(draft.body)}
        record_audit([AuditEntry("template.created", "message_template", template_id, by, now, after=after)])
        return template_id


def write_version(name: str, title: str, body: Mapping[str, Any], *, after: int, now: datetime, by: Actor) -> int:
    """Write the next version of a template, in use at once; return its number.

    `after` is the number that its writer saw: another one since is refused (VersionChanged).
    """
    known = queries.template(name)
    check_template(TemplateDraft(name, title, known.purpose, body))
    with transaction():
        row = queries.lock_template(known.id)
        before = queries.template(name)
        if before.number != after:
            raise VersionChanged(number=before.number, template=name)
        row.title = title.strip()
        _add_version(row.id, after + 1, body, now=now, by=by)
        then = {"number": after + 1, "body": dict(body)}
        entry = AuditEntry(
            "template.changed", "message_template", row.id, by, now, before={"body": before.body}, after=then
        )
        record_audit([entry])
    return after + 1


def set_retired(name: str, *, retired: bool, now: datetime, by: Actor) -> None:
    """Let nothing more be planned by a template, or let it be used again; what is planned goes out all the same."""
    known = queries.template(name)
    with transaction():
        row = queries.lock_template(known.id)
        if row.retired == retired:
            return
        row.retired = retired
        action = "template.retired" if retired else "template.used_again"
        record_audit([AuditEntry(action, "message_template", row.id, by, now)])


def check_template(draft: TemplateDraft) -> None:
    """Refuse as malformed what cannot be a template, naming each place."""
    errors: dict[str, list[str]] = {}
    if draft.name in RESERVED:
        errors["name"] = ["The pages use this name themselves. Choose another one."]
    if not NAME.fullmatch(draft.name):
        errors["name"] = ["Write 2 to 60 small letters, digits, hyphens and underscores."]
    if not 0 < len(draft.title.strip()) <= LONGEST_TITLE:
        errors["title"] = ["Write a title of 1 to 80 characters."]
    if draft.purpose not in PURPOSES:
        errors["purpose"] = ["Choose service, marketing or greeting."]
    try:
        errors |= misfits(draft.name, parse_texts(draft.body))
    except Malformed as problem:
        errors |= problem.errors
    if errors:
        raise Malformed(errors)


def _add_version(template_id: int, number: int, body: Mapping[str, Any], *, now: datetime, by: Actor) -> None:
    with transaction() as session:
        session.add(
            TemplateVersion(template_id=template_id, number=number, body=dict(body), created_at=now, created_by=by.name)
        )
