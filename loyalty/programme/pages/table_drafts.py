"""Drafts of tables of facts, typed row by row or taken from a CSV file."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.kernel.errors import Malformed, Refused
from loyalty.programme import queries, service
from loyalty.programme.forms import TableForm, drawn, mistakes, number_of, sheet_of
from loyalty.programme.queries import TableView
from loyalty.programme.rules import forms as f
from loyalty.programme.rules.tables import (
    CERTAINTY_TEXTS,
    KINDS,
    REGION_TEXTS,
    Facts,
    TableKind,
    form_rows,
    rows_of_csv,
    rows_of_sheet,
    table_kind,
)
from loyalty.programme.words import speaker
from loyalty.web import forms
from loyalty.web.guards import guard
from loyalty.web.languages import say, say_line
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now

blueprint = Blueprint("table_drafts", __name__, url_prefix="/staff/programme/tables", template_folder="../templates")

ROW_ACTS = {"add": f.with_row, "drop": f.without_row, "raise": f.moved_row}


@dataclass(frozen=True, slots=True)
class Draft:
    """What the page is about: the kind, the table that is edited if it is there already, and the rows as typed."""

    kind: TableKind
    table: TableView | None
    sheet: f.Sheet

    @property
    def fields(self) -> tuple[f.Rows]:
        """The form of the rows."""
        return (form_rows(self.kind.every_column),)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the page tells about what was typed."""

    status: int = 200
    errors: Mapping[str, list[str]] = field(default_factory=dict)
    refusal: str | None = None
    told: str | None = None


@blueprint.get("/new")
@guard("programme.edit")
def new_table() -> ResponseReturnValue:
    """Show the form of a new table, filled in with the one that the address names; without a kind, the kinds."""
    if not request.args.get("from") and not request.args.get("kind"):
        return render_template("programme/choose_table.html", kinds=KINDS)
    table = queries.table(number_of(request.args, "from")) if request.args.get("from") else None
    kind = table_kind(table.kind if table else request.args["kind"])
    return _page(Draft(kind, None, _written(kind, table.rows if table else [{}])), _head(table), Answer())


@blueprint.post("/new")
@guard("programme.edit")
def draft() -> ResponseReturnValue:
    """Write a draft."""
    return _write(table_kind(request.form.get("kind", "")), None)


@blueprint.get("/<int:table_id>/edit")
@guard("programme.edit")
def edit_table(table_id: int) -> ResponseReturnValue:
    """Show the form of a draft."""
    table = queries.table(table_id)
    kind = table_kind(table.kind)
    return _page(Draft(kind, table, _written(kind, table.rows)), _head(table), Answer())


@blueprint.post("/<int:table_id>/edit")
@guard("programme.edit")
def revise(table_id: int) -> ResponseReturnValue:
    """Put other facts into a draft."""
    table = queries.table(table_id)
    return _write(table_kind(table.kind), table)


def _written(kind: TableKind, rows: list[dict[str, Any]]) -> f.Sheet:
    return f.written((form_rows(kind.every_column),), {"rows": rows})


def _head(table: TableView | None) -> forms.Filled:
    if table is None:
        return forms.empty(region="CN", certainty="seen")
    days = {"valid_from": table.valid_from, "valid_to": table.valid_to}
    typed = {name: day.isoformat() if day else "" for name, day in days.items()}
    told = {"source": table.source, "certainty": table.certainty, "remark": table.remark}
    return forms.empty(region=table.region, **told, **typed)


def _write(kind: TableKind, table: TableView | None) -> ResponseReturnValue:
    draft = Draft(kind, table, {})
    draft = replace(draft, sheet=sheet_of(draft.fields, request.form))
    filled = forms.load(TableForm, request.form)
    act, _colon, name = request.form.get("do", "").partition(":")
    if act in ROW_ACTS:
        changed = ROW_ACTS[act](draft.fields, draft.sheet, name.removeprefix("b."))
        return _page(replace(draft, sheet=changed), filled, Answer())
    upload = request.files.get("file")
    if upload:
        return _imported(draft, filled, upload.read())
    if not filled.ok:
        return _page(draft, filled, Answer(422))
    try:
        return _saved(_store(draft, filled.values))
    except Malformed as wrong:
        return _page(draft, filled, Answer(422, _placed(draft, wrong)))
    except Refused as problem:
        return _page(draft, filled, Answer(409, refusal=say(problem.sentence, problem.details)))


def _imported(draft: Draft, filled: forms.Filled, content: bytes) -> ResponseReturnValue:
    """Show the rows of a file in the form, where they are looked at before they are saved."""
    try:
        rows = rows_of_csv(draft.kind.every_column, content, say)
    except Malformed as wrong:
        return _page(draft, filled, Answer(422, wrong.errors))
    told = _("%(count)d rows were read. Nothing is saved yet.", count=len(rows))
    return _page(replace(draft, sheet=_typed(draft, rows)), filled, Answer(told=told))


def _typed(draft: Draft, rows: list[dict[str, Any]]) -> f.Sheet:
    """Return the sheet of rows that may hold what cannot be read, which stands as it is written."""
    sheet = _written(draft.kind, [{}] * len(rows))
    for index, row in enumerate(rows):
        for column in draft.kind.every_column:
            name = f"rows.{index}.{column.key}"
            value = row.get(column.key)
            sheet[name] = (
                value if isinstance(value, str) else "" if value is None else column.of.text_of(value, {}, name)
            )
    return sheet


def _store(draft: Draft, values: dict[str, Any]) -> int:
    table = draft.table
    facts = Facts(
        kind=draft.kind.code,
        region=table.region if table else values["region"],
        valid_from=values["valid_from"],
        valid_to=values["valid_to"],
        source=values["source"],
        certainty=values["certainty"],
        remark=values["remark"],
        rows=rows_of_sheet(draft.kind.every_column, draft.sheet),
    )
    now, by = request_now(), current_actor()
    if table is None:
        return service.draft_table(facts, now=now, by=by)
    service.revise_table(table.id, facts, now=now, by=by)
    return table.id


def _placed(draft: Draft, wrong: Malformed) -> dict[str, list[str]]:
    head = {place: told for place, told in wrong.errors.items() if not place.startswith("rows")}
    rows = Malformed({place: told for place, told in wrong.errors.items() if place.startswith("rows")})
    return {**head, **mistakes(draft.fields, draft.sheet, rows)}


def _saved(table_id: int) -> ResponseReturnValue:
    notify(_("The draft is saved."))
    return redirect(url_for("tables.show_table", table_id=table_id), 303)


def _cells(draft: Draft) -> dict[str, str]:
    """Return what each cell is called, by its name in the form."""
    told = {}
    for name, leaf in f.leaves(draft.fields, draft.sheet):
        number = int(name.split(".")[1]) + 1
        told[f"b.{name}"] = _("%(column)s, row %(number)d", column=say(leaf.label), number=number)
    return told


def _page(draft: Draft, filled: forms.Filled, answer: Answer) -> tuple[str, int]:
    wrong = {name: [say_line(line) for line in lines] for name, lines in answer.errors.items()}
    speak = speaker({})
    (rows,) = drawn(draft.fields, draft.sheet, {})
    page = render_template(
        "programme/table_form.html",
        kind=draft.kind,
        table=draft.table,
        rows=rows,
        form=filled,
        errors={**filled.errors, **wrong},
        cells=_cells(draft),
        regions=[(code, say(name)) for code, name in REGION_TEXTS.items()],
        certainties=[(code, say(name)) for code, name in CERTAINTY_TEXTS.items()],
        spoken=lambda choices: [(code, speak(text)) for code, text in choices],
        refusal=answer.refusal,
        told=answer.told,
    )
    return page, answer.status
