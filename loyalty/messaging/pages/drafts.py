"""Templates while they are written: a draft is edited, looked at with sample values, put into use or thrown away."""

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.kernel.errors import Malformed, Refused
from loyalty.messaging import queries, service
from loyalty.messaging.forms import NewTemplateForm, TemplateForm, body_from, edition_of, typed_from
from loyalty.messaging.pages.blueprint import CONFLICT, MANAGE, READ, UNREADABLE
from loyalty.messaging.pages.previews import WORDS, previews, sample_fields
from loyalty.messaging.pages.template_form import template_form, told
from loyalty.messaging.queries import DraftView
from loyalty.messaging.service import TemplateDraft
from loyalty.web.forms import Filled, empty, load
from loyalty.web.guards import guard
from loyalty.web.languages import say
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now

blueprint = Blueprint("text_drafts", __name__, url_prefix="/staff/templates", template_folder="../templates")


@blueprint.get("/new")
@guard(MANAGE)
def new() -> ResponseReturnValue:
    """Show the form of a new template."""
    return template_form(None, empty(purpose="service"))


@blueprint.post("/new")
@guard(MANAGE)
def create() -> ResponseReturnValue:
    """Keep a new template as a draft."""
    filled = load(NewTemplateForm, request.form)
    if not filled.ok:
        return template_form(None, filled), UNREADABLE
    return _save(None, filled, filled.values["name"], filled.values["purpose"])


@blueprint.get("/<name>/edit")
@guard(MANAGE)
def edit(name: str) -> ResponseReturnValue:
    """Show the form of the next version: the draft where there is one, else what is in use."""
    view = queries.template(name)
    if draft := queries.drafts_by_names([name]).get(name):
        return redirect(url_for("text_drafts.go_on", name=draft.name), 303)
    return template_form(view, empty(**typed_from(view.title, view.body, view.number)))


@blueprint.post("/<name>/edit")
@guard(MANAGE)
def write(name: str) -> ResponseReturnValue:
    """Keep the next version of a template as a draft; what is in use stays."""
    return _written(queries.template(name), name)


@blueprint.get("/drafts/<name>")
@guard(READ)
def show(name: str) -> ResponseReturnValue:
    """Show a draft as its readers would get it, with sample values."""
    return _page(queries.draft(name))


@blueprint.get("/drafts/<name>/edit")
@guard(MANAGE)
def go_on(name: str) -> ResponseReturnValue:
    """Show the form with what the draft says."""
    draft = queries.draft(name)
    return template_form(draft, empty(**typed_from(draft.title, draft.body, draft.after, draft.edition)))


@blueprint.post("/drafts/<name>/edit")
@guard(MANAGE)
def save(name: str) -> ResponseReturnValue:
    """Keep what was written since."""
    return _written(queries.draft(name), name)


@blueprint.post("/drafts/<name>/activate")
@guard(MANAGE)
def activate(name: str) -> ResponseReturnValue:
    """Put the draft into use."""
    draft = queries.draft(name)
    try:
        service.activate_draft(name, edition=edition_of(request.form), now=request_now(), by=current_actor())
    except Refused as refused:
        return _page(draft, refused), CONFLICT
    notify(_("The new version is in use. Messages that are planned already keep their text."))
    return redirect(url_for("templates.show", name=name), 303)


@blueprint.post("/drafts/<name>/discard")
@guard(MANAGE)
def discard(name: str) -> ResponseReturnValue:
    """Throw the draft away."""
    draft = queries.draft(name)
    try:
        service.discard_draft(name, edition=edition_of(request.form), now=request_now(), by=current_actor())
    except Refused as refused:
        return _page(draft, refused), CONFLICT
    notify(_("The draft is gone."))
    return redirect(url_for("templates.show", name=name) if draft.after else url_for("templates.index"), 303)


def _written(view: queries.TemplateView | DraftView, name: str) -> ResponseReturnValue:
    """Keep what the form says of a template or of its draft."""
    filled = load(TemplateForm, request.form)
    return _save(view, filled, name, view.purpose) if filled.ok else (template_form(view, filled), UNREADABLE)


def _save(
    view: queries.TemplateView | DraftView | None, filled: Filled, name: str, purpose: str
) -> ResponseReturnValue:
    values: Mapping[str, str] = filled.values
    draft = TemplateDraft(name, values["title"], purpose, body_from(filled.values, filled.typed))
    try:
        service.save_draft(
            draft,
            after=filled.values["after"],
            edition=filled.values["edition"],
            now=request_now(),
            by=current_actor(),
        )
    except Malformed as problem:
        return template_form(view, told(filled, problem)), UNREADABLE
    except Refused as refused:
        return template_form(view, filled, refused), CONFLICT
    notify(_("The draft is kept. Nothing is sent by it before it is put into use."))
    return redirect(url_for("text_drafts.show", name=name), 303)


def _page(draft: DraftView, refused: Refused | None = None) -> str:
    return render_template(
        "messaging/draft.html",
        draft=draft,
        previews=previews(draft, request.args),
        samples=sample_fields(draft, request.args),
        told=None if refused is None else say(refused.sentence, refused.details),
        **WORDS,
    )
