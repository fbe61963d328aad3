"""Templates: the list, one with its versions and a preview, and writing the next version."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.kernel.errors import Malformed, Refused
from loyalty.messaging import queries, service
from loyalty.messaging.forms import NewTemplateForm, TemplateForm, body_from, field_of, typed_from
from loyalty.messaging.pages.blueprint import CONFLICT, MANAGE, READ, UNREADABLE
from loyalty.messaging.queries import TemplateView
from loyalty.messaging.rules import CHANNELS, LANGUAGES, SUBJECTS, Rendered, render, way_out
from loyalty.messaging.service import TemplateDraft
from loyalty.messaging.words import CHANNELS as CHANNEL_WORDS
from loyalty.messaging.words import LANGUAGES as LANGUAGE_WORDS
from loyalty.messaging.words import PURPOSES as PURPOSE_WORDS
from loyalty.web.forms import Filled, empty, load
from loyalty.web.guards import guard
from loyalty.web.languages import say, say_line
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now

blueprint = Blueprint("templates", __name__, url_prefix="/staff/templates", template_folder="../templates")

WORDS = {"channels": CHANNEL_WORDS, "purposes": PURPOSE_WORDS, "languages": LANGUAGE_WORDS, "subjects": SUBJECTS}


@blueprint.get("")
@guard(READ)
def index() -> ResponseReturnValue:
    """List the templates."""
    return render_template("messaging/templates.html", templates=queries.templates(), **WORDS)


@blueprint.get("/new")
@guard(MANAGE)
def new() -> ResponseReturnValue:
    """Show the form of a new template."""
    return _form(None, empty(purpose="service"))


@blueprint.post("/new")
@guard(MANAGE)
def create() -> ResponseReturnValue:
    """Write a new template."""
    filled = load(NewTemplateForm, request.form)
    if not filled.ok:
        return _form(None, filled), UNREADABLE
    values = filled.values
    draft = TemplateDraft(values["name"], values["title"], values["purpose"], body_from(values, filled.typed))
    try:
        service.create_template(draft, now=request_now(), by=current_actor())
    except Malformed as problem:
        return _form(None, _told(filled, problem)), UNREADABLE
    except Refused as refused:
        return _form(None, filled, refused), CONFLICT
    notify(_("The template is in use."))
    return redirect(url_for("templates.show", name=draft.name), 303)


@blueprint.get("/<name>")
@guard(READ)
def show(name: str) -> ResponseReturnValue:
    """Show a template as its reader gets it, and its versions."""
    view = queries.template(name)
    versions = queries.template_versions(view.id)
    asked = request.args.get("version", view.number, type=int)
    shown = next((one for one in versions if one.number == asked), view)
    return render_template(
        "messaging/template.html", view=view, shown=shown, versions=versions, previews=_previews(shown), **WORDS
    )


@blueprint.get("/<name>/edit")
@guard(MANAGE)
def edit(name: str) -> ResponseReturnValue:
    """Show the form of the next version."""
    view = queries.template(name)
    return _form(view, empty(**typed_from(view.title, view.body, view.number)))


@blueprint.post("/<name>/edit")
@guard(MANAGE)
def write(name: str) -> ResponseReturnValue:
    """Write the next version, which is in use at once; what is planned already keeps its text."""
    view = queries.template(name)
    filled = load(TemplateForm, request.form)
    if not filled.ok:
        return _form(view, filled), UNREADABLE
    values = filled.values
    try:
        service.write_version(
            name,
            values["title"],
            body_from(values, filled.typed),
            after=values["after"],
            now=request_now(),
            by=current_actor(),
        )
    except Malformed as problem:
        return _form(view, _told(filled, problem)), UNREADABLE
    except Refused as refused:
        return _form(view, filled, refused), CONFLICT
    notify(_("The new version is in use. Messages that are planned already keep their text."))
    return redirect(url_for("templates.show", name=name), 303)


@blueprint.post("/<name>/retire")
@guard(MANAGE)
def retire(name: str) -> ResponseReturnValue:
    """Let nothing more be planned by a template, or let it be used again."""
    retired = request.form.get("retired") == "1"
    service.set_retired(name, retired=retired, now=request_now(), by=current_actor())
    notify(_("The template is no longer used.") if retired else _("The template is in use."))
    return redirect(url_for("templates.show", name=name), 303)


def _previews(view: TemplateView) -> list[tuple[str, str, Rendered]]:
    """Return for each channel and language what its reader gets; places show their names."""
    texts = view.texts
    values: Mapping[str, str] = {name: f"〔{name}〕" for name in texts.variables}
    link = request.host_url.rstrip("/") + "/u/…"
    return [
        (
            channel,
            language,
            render(
                view.name,
                texts,
                channel,
                language,
                values,
                way_out=way_out(channel, language, view.purpose, link),
            ),
        )
        for channel in texts.channels
        for language in LANGUAGES
    ]


def _told(filled: Filled, problem: Malformed) -> Filled:
    errors: dict[str, list[str]] = {}
    for place, lines in problem.errors.items():
        errors.setdefault(field_of(place), []).extend(say_line(line) for line in lines)
    return Filled({}, errors, filled.typed)


def _form(view: TemplateView | None, filled: Filled, refused: Refused | None = None) -> str:
    return render_template(
        "messaging/template_form.html",
        view=view,
        values=filled.typed,
        errors=filled.errors,
        labels=_labels(),
        told=None if refused is None else say(refused.sentence, refused.details),
        ways=CHANNELS,
        **WORDS,
    )


def _labels() -> dict[str, Any]:
    labels: dict[str, Any] = {
        "name": _("Name"),
        "title": _("Title"),
        "purpose": _("Purpose"),
        "variables": _("Variables"),
    }
    for channel, channel_word in CHANNEL_WORDS.items():
        for language, language_word in LANGUAGE_WORDS.items():
            labels[f"text-{channel}-{language}"] = f"{channel_word} · {language_word}"
            labels[f"subject-{channel}-{language}"] = f"{channel_word} · {language_word} · {_('Subject')}"
    return labels
