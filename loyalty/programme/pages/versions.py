"""Versions of the rules: read, written, reviewed and approved."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.kernel.errors import Malformed, Refused
from loyalty.kernel.paging import Page, decode_cursor, encode_cursor
from loyalty.programme import queries, service
from loyalty.programme.forms import VersionForm, beginning, read_rules
from loyalty.programme.queries import VersionView
from loyalty.programme.rules import kinds
from loyalty.programme.words import KINDS, STATES, TONES
from loyalty.staff.queries import person_behind
from loyalty.web import forms
from loyalty.web.guards import guard
from loyalty.web.languages import say
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now

blueprint = Blueprint("programme", __name__, url_prefix="/staff/programme", template_folder="../templates")

PAGE = 50


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
        states=STATES,
        tones=TONES,
    )


@blueprint.get("/<int:version_id>")
@guard("programme.read")
def show_version(version_id: int) -> ResponseReturnValue:
    """Show a version and its rules."""
    return _version(queries.version(version_id), 200)


@blueprint.get("/new")
@guard("programme.edit")
def new_version() -> ResponseReturnValue:
    """Show the form of a new version, filled in with the rules in force where the address names a kind."""
    kind = request.args.get("kind", "")
    present = queries.in_force(kind, request_now())
    return _form(None, forms.empty(kind=kind, rules=_written(present.body) if present else ""), 200)


@blueprint.post("/new")
@guard("programme.edit")
def draft() -> ResponseReturnValue:
    """Write a draft."""

    def write(values: dict[str, Any], body: Any) -> int:
        start = beginning(values)
        return service.draft(values["kind"], body, effective_from=start, now=request_now(), by=current_actor())

    return _write(None, write)


@blueprint.get("/<int:version_id>/edit")
@guard("programme.edit")
def edit_version(version_id: int) -> ResponseReturnValue:
    """Show the form of a draft."""
    version = queries.version(version_id)
    return _form(version, forms.empty(kind=version.kind, rules=_written(version.body)), 200)


@blueprint.post("/<int:version_id>/edit")
@guard("programme.edit")
def revise(version_id: int) -> ResponseReturnValue:
    """Put other rules into a draft."""

    def write(values: dict[str, Any], body: Any) -> int:
        start = beginning(values)
        service.revise(version_id, body, effective_from=start, now=request_now(), by=current_actor())
        return version_id

    return _write(queries.version(version_id), write)


@blueprint.post("/<int:version_id>/submit")
@guard("programme.edit")
def submit(version_id: int) -> ResponseReturnValue:
    """Ask for a draft to be approved."""
    return _moved(version_id, service.submit, _("The version is in review. Another person approves it."))


@blueprint.post("/<int:version_id>/send-back")
@guard("programme.approve")
def send_back(version_id: int) -> ResponseReturnValue:
    """Give a version in review back to its author."""
    return _moved(version_id, service.send_back, _("The version is a draft again."))


@blueprint.get("/<int:version_id>/approve")
@guard("programme.approve")
def check_approval(version_id: int) -> ResponseReturnValue:
    """Show what the approval does, before it is done."""
    version = queries.version(version_id)
    start = version.effective_from or request_now()
    return render_template(
        "programme/approve.html",
        version=version,
        start=version.effective_from,
        present=queries.in_force(version.kind, start),
    )


@blueprint.post("/<int:version_id>/approve")
@guard("programme.approve")
def approve(version_id: int) -> ResponseReturnValue:
    """Activate a version in review."""
    return _moved(version_id, service.approve, _("The version is active. It can no longer be changed."))


def _moved(version_id: int, move: Callable[..., object], done: str) -> ResponseReturnValue:
    try:
        move(version_id, now=request_now(), by=current_actor())
    except Refused as problem:
        return _version(queries.version(version_id), 409, say(problem.sentence, problem.details))
    notify(done)
    return redirect(url_for("programme.show_version", version_id=version_id), 303)


def _write(version: VersionView | None, write: Callable[[dict[str, Any], Any], int]) -> ResponseReturnValue:
    filled = forms.load(VersionForm, request.form)
    if not filled.ok:
        return _form(version, filled, 422)
    upload = request.files.get("file")
    try:
        body = read_rules(filled.values["rules"], upload.read() if upload else b"")
        version_id = write(filled.values, body)
    except Malformed as problem:
        return _form(version, filled, 422, wrong=problem)
    except Refused as problem:
        return _form(version, filled, 409, refusal=say(problem.sentence, problem.details))
    notify(_("The draft is saved."))
    return redirect(url_for("programme.show_version", version_id=version_id), 303)


def _form(
    version: VersionView | None,
    filled: forms.Filled,
    status: int,
    *,
    wrong: Malformed | None = None,
    refusal: str | None = None,
) -> tuple[str, int]:
    errors = dict(filled.errors)
    for place, lines in wrong.errors.items() if wrong else ():
        told = [say(line) for line in lines]
        if place in {"kind", "rules"}:
            errors[place] = told
        else:
            errors.setdefault("rules", []).extend(f"{place}: {line}" for line in told)
    shown = render_template(
        "programme/version_form.html",
        version=version,
        form=filled,
        errors=errors,
        refusal=refusal,
        kinds=kinds(),
    )
    return shown, status


def _version(version: VersionView, status: int, refusal: str | None = None) -> tuple[str, int]:
    shown = render_template(
        "programme/version.html",
        version=version,
        rows=list(_rows(version.body)),
        written=_written(version.body),
        mine=version.author_id is not None and version.author_id == person_behind(current_actor()),
        refusal=refusal,
        states=STATES,
        tones=TONES,
    )
    return shown, status


def _rows(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Give each value with its place, named as errors name it: `levels[0].criteria[1].threshold`."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _rows(inner, f"{place}.{name}" if place else name)
    elif isinstance(value, list) and any(isinstance(inner, dict | list) for inner in value):
        for index, inner in enumerate(value):
            yield from _rows(inner, f"{place}[{index}]")
    else:
        yield place, ", ".join(map(str, value)) if isinstance(value, list | dict) else value


def _written(body: dict[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, indent=2)
