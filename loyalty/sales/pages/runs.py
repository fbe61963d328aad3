"""Imports: the list, one with its progress and result, and the file of what was rejected."""

import csv
from io import StringIO
from tempfile import SpooledTemporaryFile
from typing import IO

from flask import redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.kernel.money import Money
from loyalty.kernel.paging import page_size
from loyalty.sales import queries, service
from loyalty.sales.pages.blueprint import blueprint
from loyalty.sales.rules import parse_mapping, safe_cell
from loyalty.sales.words import EFFECTS, RUN_STATES, SALE_STATES
from loyalty.staff.service import record_export
from loyalty.web.guards import guard
from loyalty.web.languages import say
from loyalty.web.limits import limited
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now
from loyalty.web.sheets import EXPORTS

SHOWN = 50
CHUNK = 1_000
IN_MEMORY = 1 << 20


@blueprint.get("/imports")
@guard("sales.import")
def list_imports() -> ResponseReturnValue:
    """Show the imports that the reader may see, the latest first."""
    page = queries.runs_page(current_actor(), limit=page_size(None), cursor=request.args.get("cursor"))
    return render_template("sales/imports.html", page=page, states=RUN_STATES)


@blueprint.get("/imports/<int:run_id>")
@guard("sales.import")
def show_import(run_id: int) -> ResponseReturnValue:
    """Show how far an import is, or what it came to."""
    run = queries.run_by_id(run_id, current_actor())
    rejects = [] if run.working else queries.rejects_page(run_id, limit=SHOWN)
    effects = {kind: counted for kind, counted in run.counts.get("effects", {}).items() if kind in EFFECTS}
    return render_template(
        "sales/import.html",
        run=run,
        rejects=rejects,
        amounts=[Money(minor, currency) for currency, minor in sorted(run.counts.get("minor", {}).items())],
        effects=effects,
        effect_words=EFFECTS,
        states=RUN_STATES,
        sale_states=SALE_STATES,
    )


@blueprint.post("/imports/<int:run_id>/run")
@guard("sales.import")
def run_import(run_id: int) -> ResponseReturnValue:
    """Import a checked file for good."""
    actor, now = current_actor(), request_now()
    run = queries.run_by_id(run_id, actor)
    if run.mapping is None:
        return redirect(url_for("sales.map_columns", run_id=run_id), 303)
    mapping = parse_mapping(run.mapping)
    service.start_run(run_id, mapping, mapping_name=run.mapping_name, dry_run=False, now=now, by=actor)
    return redirect(url_for("sales.show_import", run_id=run_id), 303)


@blueprint.post("/imports/<int:run_id>/stop")
@guard("sales.import")
def stop_import(run_id: int) -> ResponseReturnValue:
    """Stop an import; what was recorded so far stays."""
    service.stop_run(run_id, now=request_now(), by=current_actor())
    notify(_("The import is stopped. What was recorded before stays."), tone="due")
    return redirect(url_for("sales.show_import", run_id=run_id), 303)


@blueprint.get("/imports/<int:run_id>/rejected.csv")
@guard("sales.import", fresh=True)
@limited(EXPORTS, scope="exports", reads=True)
def rejected_rows(run_id: int) -> ResponseReturnValue:
    """Give the rejected rows as a file: where, what is wrong, and the row as it stood. That it left is written down."""
    actor = current_actor()
    queries.run_by_id(run_id, actor)
    record_export("rejected rows", {"import": run_id}, now=request_now(), by=actor)
    head = [_("Row"), _("Column"), _("Value"), _("Reason"), _("Row as it stood in the file")]
    name = f"import-{run_id}-rejected.csv"
    return send_file(_csv(run_id, head), mimetype="text/csv", as_attachment=True, download_name=name)


def _csv(run_id: int, head: list[str]) -> IO[bytes]:
    """Return the file, on disk when it is large."""
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the answer closes it when it was sent
    file.write(b"\xef\xbb\xbf" + _line(head))  # so that Excel reads it as UTF-8
    after = (0, 0)
    while rejects := queries.rejects_page(run_id, limit=CHUNK, after=after):
        for reject in rejects:
            reason = say(reject.sentence, reject.numbers)
            file.write(_line([str(reject.row), reject.field, reject.value or "", reason, *map(str, reject.cells)]))
        after = (rejects[-1].row, rejects[-1].ordinal)
    file.seek(0)
    return file


def _line(cells: list[str]) -> bytes:
    text = StringIO()
    csv.writer(text).writerow([safe_cell(cell) for cell in cells])
    return text.getvalue().encode()
