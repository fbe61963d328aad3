"""Drafts of the rules, written in the form of their kind; kinds without a form, and programs' people, write JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.kernel.errors import Malformed, Refused
from loyalty.programme import queries, service
from loyalty.programme.forms import (
    DayForm,
    VersionForm,
    beginning,
    drawn,
    first_day,
    mistakes,
    read_rules,
    sheet_of,
)
from loyalty.programme.pages.samples import sample_day
from loyalty.programme.queries import VersionView
from loyalty.programme.rules import check_body, check_named, kinds
from loyalty.programme.rules import forms as f
from loyalty.programme.rules.forms.plainly import written as as_json
from loyalty.programme.words import speaker
from loyalty.web import forms
from loyalty.web.guards import guard
from loyalty.web.languages import say, say_line
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now

blueprint = Blueprint("drafts", __name__, url_prefix="/staff/programme", template_folder="../templates")

SAVE, PREVIEW = "save", "preview"
ROW_ACTS = {"add": f.with_row, "drop": f.without_row, "raise": f.moved_row}


@dataclass(frozen=True, slots=True)
class Asked:
    """The draft that a page is about: of which kind, which one if it is there already, and the rules it begins with."""

    kind: str
    version: VersionView | None = None
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def form(self) -> f.PolicyForm | None:
        """The form in which the rules can be written, or None where only JSON shows them exactly."""
        return f.form_that_fits(self.kind, self.body) if self.body else f.form_of(self.kind)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the page tells about what was typed: mistakes, a refusal, what the rules say, or the row touched."""

    status: int = 200
    errors: Mapping[str, list[str]] = field(default_factory=dict)
    refusal: str | None = None
    preview: dict[str, Any] | None = None
    touched: str = ""


@blueprint.get("/new")
@guard("programme.edit")
def new_version() -> ResponseReturnValue:
    """Show the form of a new version, filled in with the rules in force; without a kind, the kinds there are."""
    kind = request.args.get("kind", "")
    if kind not in kinds() and not request.args.get("as"):
        return render_template(
            "programme/choose_kind.html", kinds=kinds(), now=request_now(), in_force=queries.in_force
        )
    present = queries.in_force(kind, request_now())
    return _opened(Asked(kind, None, present.body if present else {}))


@blueprint.post("/new")
@guard("programme.edit")
def draft() -> ResponseReturnValue:
    """Write a draft."""
    if _is_json():
        return _write_json(None)
    return _write_form(Asked(request.args.get("kind", "")))


@blueprint.get("/<int:version_id>/edit")
@guard("programme.edit")
def edit_version(version_id: int) -> ResponseReturnValue:
    """Show the form of a draft."""
    version = queries.version(version_id)
    return _opened(Asked(version.kind, version, version.body))


@blueprint.post("/<int:version_id>/edit")
@guard("programme.edit")
def revise(version_id: int) -> ResponseReturnValue:
    """Put other rules into a draft."""
    version = queries.version(version_id)
    return _write_json(version) if _is_json() else _write_form(Asked(version.kind, version))


def _is_json() -> bool:
    return "rules" in request.form or "file" in request.files


def _opened(asked: Asked) -> ResponseReturnValue:
    day = first_day(asked.version.effective_from) if asked.version else ""
    form = asked.form
    if form is None or request.args.get("as") == "json":
        typed = forms.empty(kind=asked.kind, rules=as_json(dict(asked.body)) if asked.body else "", from_day=day)
        return _json_page(asked.version, typed, 200, unfit=form is None and f.form_of(asked.kind) is not None)
    return _form_page(asked, form, f.written(form.fields, asked.body), forms.empty(from_day=day), Answer())


def _write_form(asked: Asked) -> ResponseReturnValue:
    form = f.form_of(asked.kind)
    if form is None:
        return _json_page(asked.version, forms.empty(kind=asked.kind), 422)
    sheet, filled = sheet_of(form.fields, request.form), forms.load(DayForm, request.form)
    act, _colon, name = request.form.get("do", PREVIEW).partition(":")
    if act in ROW_ACTS:
        changed = ROW_ACTS[act](form.fields, sheet, name.removeprefix("b."))
        return _form_page(asked, form, changed, filled, Answer(touched=name))
    body = f.read(form.fields, sheet)
    try:
        check_named(asked.kind, check_body(asked.kind, body))
    except Malformed as wrong:
        return _form_page(asked, form, sheet, filled, Answer(422, mistakes(form.fields, sheet, wrong)))
    if not filled.ok or act != SAVE:
        return _form_page(asked, form, sheet, filled, Answer(200 if filled.ok else 422, preview=body))
    try:
        return _saved(_store(asked.version, asked.kind, body, filled.values))
    except Refused as problem:
        return _form_page(asked, form, sheet, filled, Answer(409, refusal=say(problem.sentence, problem.details)))


def _form_page(
    asked: Asked, form: f.PolicyForm, sheet: f.Sheet, filled: forms.Filled, answer: Answer
) -> tuple[str, int]:
    offers = f.offered(request_now())
    wrong = {name: [say_line(line) for line in lines] for name, lines in answer.errors.items()}
    page = render_template(
        "programme/rules_form.html",
        kind=asked.kind,
        version=asked.version,
        opened=_opened_by(wrong),
        nodes=drawn(form.fields, f.pruned(form.fields, sheet), offers),
        form=filled,
        errors={**filled.errors, **wrong},
        labels=dict(_labels(form, sheet)),
        told=f.told(asked.kind, answer.preview) if answer.preview else None,
        sample=f.sampled(asked.kind, answer.preview, sample_day(request.form)) if answer.preview else None,
        sample_day=sample_day(request.form),
        speak=speaker(offers),
        spoken=lambda choices: [(code, speaker(offers)(text)) for code, text in choices],
        refusal=answer.refusal,
        touched=answer.touched,
    )
    return page, answer.status


def _opened_by(errors: Mapping[str, list[str]]) -> set[str]:
    """Return the names of everything that an error lies in, so that its row stands open."""
    parts = [name.split(".") for name in errors]
    return {".".join(part[:length]) for part in parts for length in range(1, len(part) + 1)}


def _labels(form: f.PolicyForm, sheet: f.Sheet) -> list[tuple[str, str]]:
    return [(f"b.{name}", say(leaf.label)) for name, leaf in f.leaves(form.fields, sheet)]


def _write_json(version: VersionView | None) -> ResponseReturnValue:
    filled = forms.load(VersionForm, request.form)
    if not filled.ok:
        return _json_page(version, filled, 422)
    upload = request.files.get("file")
    try:
        body = read_rules(filled.values["rules"], upload.read() if upload else b"")
        return _saved(_store(version, filled.values["kind"], body, filled.values))
    except Malformed as problem:
        return _json_page(version, filled, 422, wrong=problem)
    except Refused as problem:
        return _json_page(version, filled, 409, refusal=say(problem.sentence, problem.details))


def _store(version: VersionView | None, kind: str, body: Any, values: dict[str, Any]) -> int:
    now, by = request_now(), current_actor()
    if version is None:
        return service.draft(kind, body, effective_from=beginning(values), now=now, by=by)
    start = beginning(values, version.effective_from)
    service.revise(version.id, body, effective_from=start, now=now, by=by)
    return version.id


def _saved(version_id: int) -> ResponseReturnValue:
    notify(_("The draft is saved."))
    return redirect(url_for("programme.show_version", version_id=version_id), 303)


def _json_page(
    version: VersionView | None,
    filled: forms.Filled,
    status: int,
    *,
    wrong: Malformed | None = None,
    refusal: str | None = None,
    unfit: bool = False,
) -> tuple[str, int]:
    errors = dict(filled.errors)
    for place, lines in wrong.errors.items() if wrong else ():
        told = [say_line(line) for line in lines]
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
        unfit=unfit,
        kinds=kinds(),
    )
    return shown, status
