"""Texts while they are being written: one draft for each template, which is nobody's message until it is activated."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import transaction
from loyalty.messaging import queries
from loyalty.messaging.models import TemplateDraftRow
from loyalty.messaging.rules import DraftChanged, DraftNotFound, TemplateTaken
from loyalty.messaging.service.templates import TemplateDraft, check_template, create_template, write_version
from loyalty.staff.service import AuditEntry, record_audit


def save_draft(draft: TemplateDraft, *, after: int, edition: int, now: datetime, by: Actor) -> int:
    """Keep a template while it is written, and return its edition; nothing is sent by it.

    `after` is the version that it follows, 0 for a new template; `edition` the one that its writer saw, 0 for none.
    Refused: another edition by now (DraftChanged), a new template under a name that is taken, texts that cannot be.
    """
    check_template(draft)
    values = {
        "name": draft.name,
        "title": draft.title.strip(),
        "purpose": draft.purpose,
        "body": dict(draft.body),
        "after": after,
        "edition": edition + 1,
        "changed_at": now,
        "changed_by": by.name,
    }
    with transaction() as session:
        if after == 0 and draft.name in queries.templates_by_names([draft.name]):
            raise TemplateTaken(template=draft.name)
        if edition == 0:
            made = insert(TemplateDraftRow).values(values).on_conflict_do_nothing().returning(TemplateDraftRow.name)
            if session.scalar(made) is None:
                raise DraftChanged(template=draft.name)
        else:
            row = _locked(draft.name, edition)
            for field, value in values.items():
                setattr(row, field, value)
        _note("template.drafted", draft.name, now=now, by=by)
    return edition + 1


def activate_draft(name: str, *, edition: int, now: datetime, by: Actor) -> int:
    """Put a draft into use and return the number of its version; what is planned already keeps its text.

    Refused: another edition by now (DraftChanged), another version than the one it follows (VersionChanged).
    """
    with transaction() as session:
        row = _locked(name, edition)
        draft, number = TemplateDraft(name, row.title, row.purpose, row.body), 1
        if row.after == 0:
            create_template(draft, now=now, by=by)
        else:
            number = write_version(name, row.title, row.body, after=row.after, now=now, by=by)
        session.delete(row)
    return number


def discard_draft(name: str, *, edition: int, now: datetime, by: Actor) -> None:
    """Throw a draft away; what is in use stays. Refused: another edition by now (DraftChanged)."""
    with transaction() as session:
        _locked(name, edition)
        session.execute(delete(TemplateDraftRow).where(TemplateDraftRow.name == name))
        _note("template.draft_discarded", name, now=now, by=by)


def _locked(name: str, edition: int) -> TemplateDraftRow:
    with transaction() as session:
        chosen = select(TemplateDraftRow).where(TemplateDraftRow.name == name).with_for_update()
        row = session.scalars(chosen.execution_options(populate_existing=True)).one_or_none()
        if row is None:
            raise DraftNotFound(template=name)
        if row.edition != edition:
            raise DraftChanged(template=name)
        return row


def _note(action: str, name: str, *, now: datetime, by: Actor) -> None:
    record_audit([AuditEntry(action, "message_template", None, by, now, after={"name": name})])
