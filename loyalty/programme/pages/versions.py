"""Versions of the rules: read, reviewed and approved."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.approvals.queries import latest_about
from loyalty.kernel.errors import Refused
from loyalty.kernel.paging import Page, decode_cursor, encode_cursor
from loyalty.programme import queries, service
from loyalty.programme.pages.samples import sample_day
from loyalty.programme.queries import VersionView
from loyalty.programme.rules import VERSION_APPROVAL, kinds
from loyalty.programme.rules.forms import offered, sampled, shown, told
from loyalty.programme.rules.forms.plainly import changes, rows, written
from loyalty.programme.words import CHANGES, KINDS, STATES, STEPS, TONES, speaker
from loyalty.staff.queries import person_behind
from loyalty.web.guards import guard
from loyalty.web.languages import say
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now

blueprint = Blueprint("programme", __name__, url_prefix="/staff/programme", template_folder="../templates")

PAGE = 50
LONGEST_NOTE = 500


@blueprint.app_template_filter("kind_name")
def kind_name(kind: str) -> str:
    """Return what a kind of rules is called; kinds without a word by their code."""
    return str(KINDS.get(kind, kind))


@blueprint.get("")
@guard("programme.read")
def list_versions() -> ResponseReturnValue:
    """Show the versions, newest first, of one kind or of all."""
    kind, cursor = request.args.get("kind") or None, request.args.get("cursor")
    before = decode_cursor(cursor, [int])[0] if cursor else None
    found = queries.versions(kind=kind, before_id=before, limit=PAGE + 1)
    following = encode_cursor([found[PAGE - 1].id]) if len(found) > PAGE else None
    return render_template(
        "programme/versions.html",
        page=Page(found[:PAGE], following),
        kinds=kinds(),
        kind=kind,
        now=request_now(),
        states=STATES,
        tones=TONES,
    )


@blueprint.get("/<int:version_id>")
@guard("programme.read")
def show_version(version_id: int) -> ResponseReturnValue:
    """Show a version and its rules."""
    return _version(queries.version(version_id), 200)


@blueprint.get("/<int:version_id>/json")
@guard("programme.read")
def show_json(version_id: int) -> ResponseReturnValue:
    """Show a version as programs read it."""
    version = queries.version(version_id)
    return render_template("programme/version_json.html", version=version, written=written(version.body))


@blueprint.post("/<int:version_id>/submit")
@guard("programme.edit")
def submit(version_id: int) -> ResponseReturnValue:
    """Ask for a draft to be approved."""
    try:
        service.submit(version_id, note=_note(), now=request_now(), by=current_actor())
    except Refused as problem:
        return _refused(version_id, problem)
    return _done(version_id, _("The version is in review. Another person approves it."))


@blueprint.post("/<int:version_id>/send-back")
@guard("programme.approve")
def send_back(version_id: int) -> ResponseReturnValue:
    """Give a version in review back to its author."""
    try:
        service.send_back(version_id, note=_note(), now=request_now(), by=current_actor())
    except Refused as problem:
        return _refused(version_id, problem)
    return _done(version_id, _("The version is a draft again."))


@blueprint.post("/<int:version_id>/withdraw")
@guard("programme.approve")
def withdraw(version_id: int) -> ResponseReturnValue:
    """Retire a version that has not begun."""
    note = _note()
    if not note:
        return _version(queries.version(version_id), 422, errors={"note": [_("Write why.")]})
    try:
        service.withdraw(version_id, note=note, now=request_now(), by=current_actor())
    except Refused as problem:
        return _refused(version_id, problem)
    return _done(version_id, _("The version is withdrawn. It never comes into force."))


@blueprint.get("/<int:version_id>/approve")
@guard("programme.approve")
def check_approval(version_id: int) -> ResponseReturnValue:
    """Show what the approval does, before it is done."""
    version = queries.version(version_id)
    present = queries.in_force(version.kind, version.effective_from or request_now())
    offers = offered(request_now())
    return render_template(
        "programme/approve.html",
        version=version,
        start=version.effective_from,
        present=present,
        told=told(version.kind, version.body),
        changes=changes(version.kind, present.body, version.body) if present else None,
        speak=speaker(offers),
        change_names=CHANGES,
    )


@blueprint.post("/<int:version_id>/approve")
@guard("programme.approve")
def approve(version_id: int) -> ResponseReturnValue:
    """Activate a version in review."""
    try:
        service.approve(version_id, now=request_now(), by=current_actor())
    except Refused as problem:
        return _refused(version_id, problem)
    return _done(version_id, _("The version is active. It can no longer be changed."))


def _note() -> str:
    return request.form.get("note", "").strip()[:LONGEST_NOTE]


def _done(version_id: int, done: str) -> ResponseReturnValue:
    notify(done)
    return redirect(url_for("programme.show_version", version_id=version_id), 303)


def _refused(version_id: int, problem: Refused) -> ResponseReturnValue:
    return _version(queries.version(version_id), 409, say(problem.sentence, problem.details))


def _version(
    version: VersionView, status: int, refusal: str | None = None, errors: dict[str, list[str]] | None = None
) -> tuple[str, int]:
    blocks = shown(version.kind, version.body)
    page = render_template(
        "programme/version.html",
        version=version,
        blocks=blocks,
        told=told(version.kind, version.body),
        sample=sampled(version.kind, version.body, sample_day(request.args)),
        sample_day=sample_day(request.args),
        rows=list(rows(version.body)) if blocks is None else [],
        steps=queries.steps(version.id),
        others=[other for other in queries.versions(kind=version.kind) if other.id != version.id],
        asked=latest_about(VERSION_APPROVAL, version.id, current_actor()),
        present=queries.in_force(version.kind, version.effective_from or request_now()),
        begun=version.effective_from is not None and version.effective_from <= request_now(),
        mine=version.author_id is not None and version.author_id == person_behind(current_actor()),
        speak=speaker(offered(request_now())),
        refusal=refusal,
        errors=errors or {},
        states=STATES,
        tones=TONES,
        step_names=STEPS,
    )
    return page, status
