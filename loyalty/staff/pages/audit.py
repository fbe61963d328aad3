"""The audit trail: the list by a filter in the address, one row in words, and both as a file."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.kernel.cells import safe_cell
from loyalty.kernel.clock import end_of, midnight
from loyalty.kernel.paging import Page, decode_cursor, encode_cursor
from loyalty.staff import queries
from loyalty.staff.forms import AuditFilterForm
from loyalty.staff.pages.audit_words import changes, changes_line
from loyalty.staff.queries import AuditFilter, AuditView
from loyalty.staff.queries.audit import audit_row, every_audit_row, link_of
from loyalty.staff.service import record_export
from loyalty.staff.words import ACTIONS, ACTORS, NOBODY, SUBJECTS
from loyalty.web import forms
from loyalty.web.formats import moment
from loyalty.web.guards import guard
from loyalty.web.limits import limited
from loyalty.web.requests import current_actor, request_now
from loyalty.web.sheets import EXPORTS, MOST_ROWS, send_sheet

blueprint = Blueprint("audit", __name__, url_prefix="/staff/audit", template_folder="../templates")

PERMISSION, EXPORT = "audit.read", "exports.run"
PAGE = 50
_WORDS = {"actors": ACTORS, "actions": ACTIONS, "subjects": SUBJECTS, "nobody": NOBODY}
_GROUP_ZONE = "Asia/Shanghai"


@blueprint.get("")
@guard(PERMISSION)
def list_rows() -> ResponseReturnValue:
    """Show who did what, newest first, by the filter in the address."""
    scope = current_actor().scope(PERMISSION)
    stores = _store_names()
    filled = forms.load(AuditFilterForm, request.args)
    if not filled.ok:
        return render_template("staff/audit.html", page=Page([], None), form=filled, stores=stores, **_WORDS), 422
    cursor = request.args.get("cursor")
    before = decode_cursor(cursor, [int])[0] if cursor else None
    rows = queries.audit_rows(_asked(filled.values), scope, before_id=before, limit=PAGE + 1)
    following = encode_cursor([rows[PAGE - 1].id]) if len(rows) > PAGE else None
    page = Page(rows[:PAGE], following)
    return render_template("staff/audit.html", page=page, form=filled, stores=stores, **_WORDS)


@blueprint.get("/<int:row_id>")
@guard(PERMISSION)
def show_row(row_id: int) -> ResponseReturnValue:
    """Show one row: what was before and after, in words, and its link of the chain."""
    row = audit_row(row_id, current_actor().scope(PERMISSION))
    stores = _store_names()
    shown = {"row": row, "changes": changes(row, stores), "stores": stores, "link": link_of(row_id)}
    return render_template("staff/audit_row.html", **shown, **_WORDS)


@blueprint.get("/export.xlsx")
@guard(EXPORT, fresh=True)
@limited(EXPORTS, scope="exports", reads=True)
def export_sheet() -> ResponseReturnValue:
    """Send what the filter of the address finds, as an Excel file."""
    return send_sheet("audit", _titles(), _exported())


@blueprint.get("/export.csv")
@guard(EXPORT, fresh=True)
@limited(EXPORTS, scope="exports", reads=True)
def export_csv() -> ResponseReturnValue:
    """Send what the filter of the address finds, as a CSV file that Excel reads as UTF-8."""
    rows = _exported()
    told = {"Content-Disposition": "attachment; filename=audit.csv"}
    return Response(_lines(_titles(), rows), mimetype="text/csv", headers=told)


def _asked(values: dict[str, Any]) -> AuditFilter:
    return AuditFilter(
        action=values["action"],
        actor=values["actor"],
        subject_kind=values["subject"],
        subject_id=values["subject_id"],
        customer_id=values["customer_id"],
        store_id=values["store_id"],
        since=midnight(values["since"], _GROUP_ZONE) if values["since"] else None,
        until=end_of(values["until"], _GROUP_ZONE) if values["until"] else None,
    )


def _exported() -> list[list[Any]]:
    """Return the rows of the filter as they stand in a file, and write down that they left the house."""
    actor = current_actor()
    actor.require(PERMISSION)
    values = AuditFilterForm().load({name: value for name, value in request.args.items() if value})
    stores = _store_names()
    rows = every_audit_row(_asked(values), actor.scope(PERMISSION), most=MOST_ROWS)
    told = [_cells(row, stores) for row in rows]
    record_export("audit", request.args.to_dict(), now=request_now(), by=actor)
    return told


def _titles() -> list[str]:
    parts = [_("Row"), _("When"), _("Who"), _("Kind"), _("From address"), _("Action"), _("Thing"), _("Its number")]
    return [*parts, _("Customer"), _("Store"), _("Before and after")]


def _cells(row: AuditView, stores: dict[int, str]) -> list[Any]:
    return [
        row.id,
        row.at,
        row.actor_name,
        str(ACTORS.get(row.actor_kind, row.actor_kind)),
        row.address,
        str(ACTIONS.get(row.action, row.action)),
        str(SUBJECTS.get(row.subject_kind, row.subject_kind)),
        row.subject_id,
        row.customer_id,
        stores.get(row.store_id or 0),
        changes_line(row, stores),
    ]


def _lines(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf" + _line(titles)
    for row in rows:
        yield _line([row[0], moment(row[1]), *row[2:]])


def _line(cells: Sequence[Any]) -> bytes:
    text = StringIO()
    csv.writer(text).writerow([safe_cell(cell) if isinstance(cell, str) else cell for cell in cells])
    return text.getvalue().encode()


def _store_names() -> dict[int, str]:
    """Return the names of the stores that the reader may see, by id."""
    return {store.id: store.name for store in queries.stores(current_actor().scope(PERMISSION))}
