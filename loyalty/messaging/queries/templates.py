"""Templates and their versions."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from loyalty.kernel.db import db
from loyalty.messaging.models import Template, TemplateDraftRow, TemplateVersion
from loyalty.messaging.rules import DraftNotFound, TemplateNotFound, Texts, parse_texts


@dataclass(frozen=True, slots=True)
class TemplateView:
    """A template with the version in use."""

    id: int
    name: str
    title: str
    purpose: str
    retired: bool
    version_id: int
    number: int
    body: dict[str, Any]
    created_at: datetime
    created_by: str

    @property
    def texts(self) -> Texts:
        """Return what the version says."""
        return parse_texts(self.body)


@dataclass(frozen=True, slots=True)
class DraftView:
    """A template while it is written; `after` is the version that it follows, 0 for a new one."""

    name: str
    title: str
    purpose: str
    body: dict[str, Any]
    after: int
    edition: int
    changed_at: datetime
    changed_by: str

    @property
    def texts(self) -> Texts:
        """Return what the draft says."""
        return parse_texts(self.body)


def drafts() -> list[DraftView]:
    """Return all drafts by name."""
    return _drafts(select(*_DRAFT).order_by(TemplateDraftRow.name))


def drafts_by_names(names: Collection[str]) -> dict[str, DraftView]:
    """Return the drafts of these names; names of none are left out."""
    return {view.name: view for view in _drafts(select(*_DRAFT).where(TemplateDraftRow.name.in_(sorted(names))))}


def draft(name: str) -> DraftView:
    """Return a draft; DraftNotFound."""
    found = drafts_by_names([name])
    if name not in found:
        raise DraftNotFound(template=name)
    return found[name]


_DRAFT = (
    TemplateDraftRow.name,
    TemplateDraftRow.title,
    TemplateDraftRow.purpose,
    TemplateDraftRow.body,
    TemplateDraftRow.after,
    TemplateDraftRow.edition,
    TemplateDraftRow.changed_at,
    TemplateDraftRow.changed_by,
)


def _drafts(chosen: Select[Any]) -> list[DraftView]:
    return [DraftView(*row) for row in db.session.execute(chosen)]


def _latest() -> Select[Any]:
    newest = (
        select(TemplateVersion.template_id, func.max(TemplateVersion.number).label("number"))
        .group_by(TemplateVersion.template_id)
        .subquery()
    )
    return (
        _columns()
        .join(newest, newest.c.template_id == Template.id)
        .join(
            TemplateVersion,
            (TemplateVersion.template_id == Template.id) & (TemplateVersion.number == newest.c.number),
        )
    )


def _columns() -> Select[Any]:
    return select(
        Template.id,
        Template.name,
        Template.title,
        Template.purpose,
        Template.retired,
        TemplateVersion.id,
        TemplateVersion.number,
        TemplateVersion.body,
        TemplateVersion.created_at,
        TemplateVersion.created_by,
    ).select_from(Template)


def templates() -> list[TemplateView]:
    """Return all templates with their latest version, by name."""
    return [TemplateView(*row) for row in db.session.execute(_latest().order_by(Template.retired, Template.name))]


def templates_by_names(names: Collection[str]) -> dict[str, TemplateView]:
    """Return the templates of these names; names of none are left out."""
    found = db.session.execute(_latest().where(Template.name.in_(sorted(names))))
    return {view.name: view for view in (TemplateView(*row) for row in found)}


def can_say(name: str, known: Collection[str]) -> bool:
    """Return whether a template is in use and asks for nothing but the variables that are known."""
    found = templates_by_names([name]).get(name)
    return found is not None and not found.retired and found.texts.variables <= set(known)


def template(name: str) -> TemplateView:
    """Return a template with its latest version; TemplateNotFound."""
    found = templates_by_names([name])
    if name not in found:
        raise TemplateNotFound(template=name)
    return found[name]


def template_versions(template_id: int) -> list[TemplateView]:
    """Return every version of a template, the latest first."""
    chosen = (
        _columns()
        .join(TemplateVersion, TemplateVersion.template_id == Template.id)
        .where(Template.id == template_id)
        .order_by(TemplateVersion.number.desc())
    )
    return [TemplateView(*row) for row in db.session.execute(chosen)]


def lock_template(template_id: int) -> Template:
    """Return a template locked until the transaction ends."""
    return db.session.get_one(Template, template_id, with_for_update=True, populate_existing=True)
