"""The audit trail."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from loyalty.kernel.clock import end_of, midnight
from loyalty.kernel.paging import Page, decode_cursor, encode_cursor
from loyalty.staff import queries
from loyalty.staff.forms import AuditFilterForm
from loyalty.staff.queries import AuditFilter
from loyalty.staff.words import ACTIONS, ACTORS, SUBJECTS
from loyalty.web import forms
from loyalty.web.guards import guard
from loyalty.web.requests import current_actor

blueprint = Blueprint("audit", __name__, url_prefix="/staff/audit", template_folder="../templates")

PERMISSION = "audit.read"
PAGE = 50
_WORDS = {"actors": ACTORS, "actions": ACTIONS, "subjects": SUBJECTS}
_GROUP_ZONE = "Asia/Shanghai"


@blueprint.get("")
@guard(PERMISSION)
def list_rows() -> ResponseReturnValue:
    """Show who did what, newest first, by the filter in the address."""
    filled = forms.load(AuditFilterForm, request.args)
    if not filled.ok:
        return render_template("staff/audit.html", page=Page([], None), form=filled, **_WORDS), 422
    values = filled.values
    asked = AuditFilter(
        action=values["action"],
        actor=values["actor"],
        subject_kind=values["subject"],
        subject_id=values["subject_id"],
        since=midnight(values["since"], _GROUP_ZONE) if values["since"] else None,
        until=end_of(values["until"], _GROUP_ZONE) if values["until"] else None,
    )
    cursor = request.args.get("cursor")
    before = decode_cursor(cursor, [int])[0] if cursor else None
    rows = queries.audit_rows(asked, current_actor().scope(PERMISSION), before_id=before, limit=PAGE + 1)
    following = encode_cursor([rows[PAGE - 1].id]) if len(rows) > PAGE else None
    return render_template("staff/audit.html", page=Page(rows[:PAGE], following), form=filled, **_WORDS)
