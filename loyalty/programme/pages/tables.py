"""Tables of facts: seen, compared, exported, and moved through their life."""

from collections.abc import Sequence

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.approvals.queries import latest_about
from loyalty.kernel.errors import NotFound, Refused, Sentence
from loyalty.kernel.paging import Page, decode_cursor, encode_cursor
from loyalty.programme import queries, service
from loyalty.programme.forms import number_of
from loyalty.programme.queries import TableView
from loyalty.programme.rules import TABLE_APPROVAL
from loyalty.programme.rules import forms as f
from loyalty.programme.rules.tables import (
    CERTAINTY_TEXTS,
    KINDS,
    REGION_TEXTS,
    UNSURE,
    form_rows,
    rows_as_csv,
    table_kind,
)
from loyalty.programme.rules.titles import region_title, table_title
from loyalty.programme.words import CERTAINTY_TONES, CHANGES, STATES, TABLE_STEPS, TONES, speaker
from loyalty.staff.queries import person_behind
from loyalty.web.guards import guard
from loyalty.web.languages import say
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now

blueprint = Blueprint("tables", __name__, url_prefix="/staff/programme/tables", template_folder="../templates")

PAGE = 100
LONGEST_NOTE = 500


@blueprint.app_template_filter("table_title")
def table_name(kind: str) -> str:
    """Return what a kind of facts is called."""
    return say(table_title(kind))


@blueprint.app_template_filter("region_title")
def region_name(region: str) -> str:
    """Return what a region is called."""
    return say(region_title(region))


@blueprint.get("")
@guard("programme.read")
def list_tables() -> ResponseReturnValue:
    """Show the tables, newest first, of one kind and region or of all."""
    kind, region = request.args.get("kind") or None, request.args.get("region") or None
    cursor = request.args.get("cursor")
    before = decode_cursor(cursor, [int])[0] if cursor else None
    found = queries.tables(kind=kind, region=region, before_id=before, limit=PAGE + 1)
    following = encode_cursor([found[PAGE - 1].id]) if len(found) > PAGE else None
    return render_template(
        "programme/tables.html",
        page=Page(found[:PAGE], following),
        kinds=KINDS,
        regions=REGION_TEXTS,
        kind=kind,
        region=region,
        states=STATES,
        tones=TONES,
        certainties=CERTAINTY_TEXTS,
        certainty_tones=CERTAINTY_TONES,
    )


@blueprint.get("/<int:table_id>")
@guard("programme.read")
def show_table(table_id: int) -> ResponseReturnValue:
    """Show a table and its rows."""
    return _table(queries.table(table_id), 200)


@blueprint.get("/<int:table_id>/rows.csv")
@guard("programme.read")
def export(table_id: int) -> ResponseReturnValue:
    """Give the rows of a table as CSV."""
    table = queries.table(table_id)
    name = f"{table.kind}-{table.region}-{table.number}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    content = rows_as_csv(table_kind(table.kind).every_column, table.rows)
    return Response(content, mimetype="text/csv", headers=headers)


@blueprint.get("/compare")
@guard("programme.read")
def compare() -> ResponseReturnValue:
    """Show what is different between two tables of a kind."""
    before = queries.table(number_of(request.args, "before"))
    after = queries.table(number_of(request.args, "after"))
    if before.kind != after.kind:
        raise NotFound
    return render_template(
        "programme/table_compare.html",
        before=before,
        after=after,
        changes=f.compared(_blocks(before), _blocks(after)),
        speak=speaker({}),
        change_names=CHANGES,
    )


@blueprint.post("/<int:table_id>/submit")
@guard("programme.edit")
def submit(table_id: int) -> ResponseReturnValue:
    """Ask for a draft to be approved."""
    try:
        service.submit_table(table_id, note=_note(), now=request_now(), by=current_actor())
    except Refused as problem:
        return _refused(table_id, problem)
    return _done(table_id, _("The table is in review. Another person approves it."))


@blueprint.post("/<int:table_id>/send-back")
@guard("programme.approve")
def send_back(table_id: int) -> ResponseReturnValue:
    """Give a table in review back to its author."""
    try:
        service.send_table_back(table_id, note=_note(), now=request_now(), by=current_actor())
    except Refused as problem:
        return _refused(table_id, problem)
    return _done(table_id, _("The table is a draft again."))


@blueprint.post("/<int:table_id>/retire")
@guard("programme.approve")
def retire(table_id: int) -> ResponseReturnValue:
    """Let a mistaken table count no more."""
    note = _note()
    if not note:
        return _table(queries.table(table_id), 422, errors={"note": [_("Write why.")]})
    try:
        service.retire_table(table_id, note=note, now=request_now(), by=current_actor())
    except Refused as problem:
        return _refused(table_id, problem)
    return _done(table_id, _("The table counts no more."))


def _note() -> str:
    return request.form.get("note", "").strip()[:LONGEST_NOTE]


def _done(table_id: int, done: str) -> ResponseReturnValue:
    notify(done)
    return redirect(url_for("tables.show_table", table_id=table_id), 303)


def _refused(table_id: int, problem: Refused) -> ResponseReturnValue:
    return _table(queries.table(table_id), 409, say(problem.sentence, problem.details))


def _blocks(table: TableView) -> Sequence[f.Block]:
    """Return a table in words: its head, then each row."""
    days = [("valid_from", "First day", table.valid_from), ("valid_to", "Last day", table.valid_to)]
    lines = [f.Line(key, Sentence(label), day) for key, label, day in days if day]
    lines += [
        f.Line("source", Sentence("Source"), f.Raw(table.source)),
        f.Line("certainty", Sentence("Certainty"), Sentence(CERTAINTY_TEXTS[table.certainty])),
    ]
    if table.remark:
        lines.append(f.Line("remark", Sentence("Remark"), f.Raw(table.remark)))
    columns = table_kind(table.kind).every_column
    return [f.Block((), (), lines), *f.blocks((form_rows(columns),), {"rows": table.rows})]


def _table(
    table: TableView, status: int, refusal: str | None = None, errors: dict[str, list[str]] | None = None
) -> tuple[str, int]:
    kind = table_kind(table.kind)
    used = {key for row in table.rows for key in row}
    asked = latest_about(TABLE_APPROVAL, table.id, current_actor())
    page = render_template(
        "programme/table.html",
        table=table,
        columns=[column for column in kind.every_column if column.key in used],
        steps=queries.table_steps(table.id),
        others=[one for one in queries.tables(kind=table.kind) if one.id != table.id],
        mine=table.author_id is not None and table.author_id == person_behind(current_actor()),
        asked=asked,
        waiting=asked if asked and asked.waiting else None,
        speak=speaker({}),
        unsure=UNSURE,
        refusal=refusal,
        errors=errors or {},
        states=STATES,
        tones=TONES,
        certainties=CERTAINTY_TEXTS,
        certainty_tones=CERTAINTY_TONES,
        step_names=TABLE_STEPS,
    )
    return page, status
