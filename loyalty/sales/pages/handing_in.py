"""Handing a file in: choose it, say which column holds what, then check or import it."""

from pathlib import Path

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.kernel.errors import Malformed, Problem
from loyalty.kernel.settings import Settings
from loyalty.sales import queries, service
from loyalty.sales.forms import ImportForm, errors_of_form, mapping_from_form, typed_from_header, typed_from_mapping
from loyalty.sales.pages.blueprint import blueprint
from loyalty.sales.rules import parse_mapping
from loyalty.sales.rules.mapping import NEVER_FIXED, REQUIRED
from loyalty.sales.words import FIELDS
from loyalty.staff.queries import stores
from loyalty.web import forms
from loyalty.web.errors import status_of
from loyalty.web.guards import guard
from loyalty.web.languages import say, say_line
from loyalty.web.limits import UPLOADS, limited
from loyalty.web.requests import current_actor, request_now


def settings() -> Settings:
    """Return the settings of the running application."""
    found: Settings = current_app.extensions["loyalty.settings"]
    return found


def folder() -> Path:
    """Return where handed-in files are kept."""
    return service.uploads_folder(settings().data_dir)


@blueprint.get("/imports/new")
@guard("sales.import")
def new_import() -> ResponseReturnValue:
    """Show the form that takes a file."""
    return _file_form({}, 200)


@blueprint.post("/imports/new")
@guard("sales.import")
@limited(UPLOADS, scope="uploads", each=True)
def hand_in() -> ResponseReturnValue:
    """Keep a file and go on to its columns; one that is no table is refused at once."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return _file_form({"file": [_("Choose a file.")]}, 422)
    most = settings().upload_limit_bytes
    try:
        kept = service.keep_upload(upload.stream, folder(), most_bytes=most)
        try:
            service.preview(service.kept_file(folder(), kept.name, kept.key), most_bytes=most)
        except Problem:
            (folder() / kept.name).unlink(missing_ok=True)
            raise
    except Problem as problem:
        return _file_form({"file": [say(problem.sentence, problem.details)]}, status_of(problem))
    name = Path(upload.filename).name[:200]
    run_id = service.add_run(
        file_name=name,
        stored_name=kept.name,
        stored_key=kept.key,
        file_bytes=kept.size,
        now=request_now(),
        by=current_actor(),
    )
    return redirect(url_for("sales.map_columns", run_id=run_id), 303)


@blueprint.get("/imports/<int:run_id>/columns")
@guard("sales.import")
def map_columns(run_id: int) -> ResponseReturnValue:
    """Show the first rows, and for each field which column seems to hold it; a saved mapping may be taken."""
    run = queries.run_by_id(run_id, current_actor())
    saved = {each.id: each for each in queries.mappings()}
    chosen = saved.get(request.args.get("mapping", 0, type=int))
    if chosen is not None:
        typed = typed_from_mapping(parse_mapping(chosen.body))
    elif run.mapping is not None:
        typed = typed_from_mapping(parse_mapping(run.mapping))
    else:
        typed = {**_usual_values(), **typed_from_header(list(_preview(run_id).header))}
    return _columns_form(run_id, forms.empty(**typed), 200)


@blueprint.post("/imports/<int:run_id>/columns")
@guard("sales.import")
def start_import(run_id: int) -> ResponseReturnValue:
    """Check a file with these columns, or import it; save the mapping when it was given a name."""
    actor, now = current_actor(), request_now()
    filled = forms.load(ImportForm, request.form)
    if not filled.ok:
        return _columns_form(run_id, filled, 422)
    try:
        mapping = parse_mapping(mapping_from_form(filled.values, filled.typed))
        service.check_columns(mapping, _preview(run_id).header)
    except Malformed as problem:
        told = {place: [say_line(line) for line in lines] for place, lines in problem.errors.items()}
        return _columns_form(run_id, forms.Filled({}, errors_of_form(told), filled.typed), 422)
    name = filled.values["name"]
    if name:
        service.save_mapping(name, mapping, now=now, by=actor)
    dry_run = request.form.get("act") != "import"
    service.start_run(run_id, mapping, mapping_name=name or None, dry_run=dry_run, now=now, by=actor)
    return redirect(url_for("sales.show_import", run_id=run_id), 303)


def _preview(run_id: int) -> service.Preview:
    file = queries.stored_file(run_id, current_actor(), folder())
    return service.preview(file, most_bytes=settings().upload_limit_bytes)


def _usual_values() -> dict[str, str]:
    """Return what a file without such columns means, where the actor's stores leave no choice."""
    mine = stores(current_actor().scope("sales.import"))
    currencies = {store.currency for store in mine}
    values = {"source": "dms", "value-kind": "service", "amount": "gross", "customers": "create"}
    if len(currencies) == 1:
        values["value-currency"] = currencies.pop()
    if len(mine) == 1:
        values["value-store"] = mine[0].code
    return values


def _file_form(errors: dict[str, list[str]], status: int) -> ResponseReturnValue:
    most = settings().upload_limit_bytes // (1024 * 1024)
    return render_template("sales/import_new.html", errors=errors, most=most), status


def _columns_form(run_id: int, filled: forms.Filled, status: int) -> ResponseReturnValue:
    page = render_template(
        "sales/import_columns.html",
        run=queries.run_by_id(run_id, current_actor()),
        preview=_preview(run_id),
        values=filled.typed,
        errors=filled.errors,
        fields=FIELDS,
        required=REQUIRED,
        never_fixed=NEVER_FIXED,
        mappings=queries.mappings(),
    )
    return page, status
