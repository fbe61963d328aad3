"""Templates in use: the list, one with its versions and a preview, and retiring."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.messaging import queries, service
from loyalty.messaging.pages.blueprint import MANAGE, READ
from loyalty.messaging.pages.previews import WORDS, previews, sample_fields
from loyalty.web.guards import guard
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now

blueprint = Blueprint("templates", __name__, url_prefix="/staff/templates", template_folder="../templates")


@blueprint.get("")
@guard(READ)
def index() -> ResponseReturnValue:
    """List the templates, and the drafts of those to come."""
    drafts = queries.drafts()
    return render_template(
        "messaging/templates.html",
        templates=queries.templates(),
        drafts={draft.name: draft for draft in drafts},
        new=[draft for draft in drafts if draft.after == 0],
        **WORDS,
    )


@blueprint.get("/<name>")
@guard(READ)
def show(name: str) -> ResponseReturnValue:
    """Show a template as its reader gets it, and its versions."""
    view = queries.template(name)
    versions = queries.template_versions(view.id)
    asked = request.args.get("version", view.number, type=int)
    shown = next((one for one in versions if one.number == asked), view)
    return render_template(
        "messaging/template.html",
        view=view,
        shown=shown,
        versions=versions,
        draft=queries.drafts_by_names([name]).get(name),
        previews=previews(shown, request.args),
        samples=sample_fields(shown, request.args),
        **WORDS,
    )


@blueprint.post("/<name>/retire")
@guard(MANAGE)
def retire(name: str) -> ResponseReturnValue:
    """Let nothing more be planned by a template, or let it be used again."""
    retired = request.form.get("retired") == "1"
    service.set_retired(name, retired=retired, now=request_now(), by=current_actor())
    notify(_("The template is no longer used.") if retired else _("The template is in use."))
    return redirect(url_for("templates.show", name=name), 303)
