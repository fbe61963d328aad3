"""Files of sales for programs: handed in as base64, read by a worker, asked after until they are done."""

from io import BytesIO
from pathlib import Path
from typing import Any

from flask import current_app

from loyalty.kernel.errors import Malformed, Sentence
from loyalty.kernel.paging import decode_cursor, encode_cursor, page_size
from loyalty.kernel.settings import Settings
from loyalty.sales import queries, service
from loyalty.sales.api.blueprint import imports
from loyalty.sales.rules import FileMapping, parse_mapping
from loyalty.sales.schemas.files import (
    ImportBody,
    MappingBody,
    MappingsBody,
    PageQuery,
    RejectsBody,
    RunBody,
    RunsBody,
    SavedMappingBody,
)
from loyalty.web.api import answer_once
from loyalty.web.guards import guard
from loyalty.web.languages import say
from loyalty.web.limits import UPLOADS, limited
from loyalty.web.requests import current_actor, request_now

OK, ACCEPTED = 200, 202


@imports.post("/imports")
@guard("sales.import")
@limited(UPLOADS, scope="uploads", each=True)
@imports.takes_key
@imports.arguments(ImportBody)
@imports.response(ACCEPTED, RunBody)
def hand_in(asked: dict[str, Any]) -> dict[str, Any]:
    """Hand a file in and let a worker read it; ask for the import until its state is done, refused or stopped.

    The same file again changes nothing; other content under a known number is a correction. With `dry_run` it is only
    told what would be written.
    """
    mapping, name = _mapping(asked)
    body = {**asked, "content": asked["content"].hex()}
    return answer_once("imports.create", body, lambda: _begun(asked, mapping, name))


@imports.get("/imports")
@guard("sales.import")
@imports.arguments(PageQuery, location="query")
@imports.response(OK, RunsBody)
def list_imports(asked: dict[str, Any]) -> dict[str, Any]:
    """List imports, the latest first."""
    page = queries.runs_page(current_actor(), limit=page_size(asked["limit"]), cursor=asked["cursor"])
    return {"items": [_told(run) for run in page.items], "next_cursor": page.next_cursor}


@imports.get("/imports/<int:run_id>")
@guard("sales.import")
@imports.response(OK, RunBody)
def show_import(run_id: int) -> dict[str, Any]:
    """Show how far an import is, or what it came to."""
    return _told(queries.run_by_id(run_id, current_actor()))


@imports.get("/imports/<int:run_id>/rejected")
@guard("sales.import")
@imports.arguments(PageQuery, location="query")
@imports.response(OK, RejectsBody)
def list_rejected(asked: dict[str, Any], run_id: int) -> dict[str, Any]:
    """List the rejected cells in the order of the file, each with its reason in the language asked for."""
    queries.run_by_id(run_id, current_actor())
    row, ordinal = decode_cursor(asked["cursor"], [int, int]) if asked["cursor"] else (0, 0)
    limit = page_size(asked["limit"])
    found = queries.rejects_page(run_id, limit=limit + 1, after=(row, ordinal))
    last = found[limit - 1] if len(found) > limit else None
    return {
        "items": [
            {
                "row": reject.row,
                "sale_number": reject.sale_number,
                "column": reject.field,
                "value": reject.value,
                "reason": say(reject.sentence, reject.numbers),
                "cells": reject.cells,
            }
            for reject in found[:limit]
        ],
        "next_cursor": encode_cursor([last.row, last.ordinal]) if last else None,
    }


@imports.post("/imports/<int:run_id>:run")
@guard("sales.import")
@imports.takes_key
@imports.response(ACCEPTED, RunBody)
def run_import(run_id: int) -> dict[str, Any]:
    """Import a file for good that was only checked; one that is being read stays as it is."""
    actor, now = current_actor(), request_now()

    def work() -> dict[str, Any]:
        run = queries.run_by_id(run_id, actor)
        if run.mapping is None:
            raise Malformed({"mapping": ["This file has no mapping yet. Hand it in again with one."]})
        mapping = parse_mapping(run.mapping)
        service.start_run(run_id, mapping, mapping_name=run.mapping_name, dry_run=False, now=now, by=actor)
        return _told(queries.run_by_id(run_id, actor))

    return answer_once(f"imports.run {run_id}", {}, work)


@imports.post("/imports/<int:run_id>:stop")
@guard("sales.import")
@imports.takes_key
@imports.response(OK, RunBody)
def stop_import(run_id: int) -> dict[str, Any]:
    """Stop an import after the chunk in hand; what was recorded stays."""
    actor, now = current_actor(), request_now()

    def work() -> dict[str, Any]:
        service.stop_run(run_id, now=now, by=actor)
        return _told(queries.run_by_id(run_id, actor))

    return answer_once(f"imports.stop {run_id}", {}, work)


@imports.get("/import-mappings")
@guard("sales.import")
@imports.response(OK, MappingsBody)
def list_mappings() -> dict[str, Any]:
    """List the saved mappings by name."""
    return {"items": queries.mappings()}


@imports.put("/import-mappings/<mapping_name>")
@guard("sales.import")
@imports.arguments(MappingBody)
@imports.response(OK, SavedMappingBody)
def save_mapping(asked: dict[str, Any], mapping_name: str) -> dict[str, Any]:
    """Save a mapping under a name; one of that name is replaced."""
    mapping = parse_mapping(asked)
    service.save_mapping(mapping_name, mapping, now=request_now(), by=current_actor())
    return {"name": mapping_name.strip(), "body": asked}


def _mapping(asked: dict[str, Any]) -> tuple[FileMapping, str | None]:
    """Return the mapping that was sent or named, and its name."""
    if (asked["mapping"] is None) == (asked["mapping_name"] is None):
        raise Malformed({"mapping": ["Send a mapping, or the name of a saved one as mapping_name."]})
    if asked["mapping"] is not None:
        return parse_mapping(asked["mapping"]), None
    name = asked["mapping_name"]
    saved = next((each for each in queries.mappings() if each.name == name), None)
    if saved is None:
        raise Malformed({"mapping_name": [Sentence("There is no saved mapping of the name {name}.", name=name)]})
    return parse_mapping(saved.body), name


def _begun(asked: dict[str, Any], mapping: FileMapping, name: str | None) -> dict[str, Any]:
    settings: Settings = current_app.extensions["loyalty.settings"]
    folder, most = service.uploads_folder(settings.data_dir), settings.upload_limit_bytes
    actor, now = current_actor(), request_now()
    kept = service.keep_upload(BytesIO(asked["content"]), folder, most_bytes=most)
    try:
        file = service.kept_file(folder, kept.name, kept.key)
        service.check_columns(mapping, service.preview(file, most_bytes=most).header)
        run_id = service.add_run(
            file_name=Path(asked["file_name"]).name,
            stored_name=kept.name,
            stored_key=kept.key,
            file_bytes=kept.size,
            now=now,
            by=actor,
        )
        service.start_run(run_id, mapping, mapping_name=name, dry_run=asked["dry_run"], now=now, by=actor)
    except BaseException:
        (folder / kept.name).unlink(missing_ok=True)
        raise
    return _told(queries.run_by_id(run_id, actor))


def _told(run: queries.RunView) -> dict[str, Any]:
    """Return an import in plain JSON, since the answer to a key is kept as it was given."""
    problem = run.problem and say(run.problem["sentence"], run.problem["numbers"])
    return {
        "id": run.id,
        "state": run.state,
        "dry_run": run.dry_run,
        "file_name": run.file_name,
        "file_bytes": run.file_bytes,
        "mapping": run.mapping,
        "mapping_name": run.mapping_name,
        "rows_total": run.rows_total,
        "rows_done": run.rows_done,
        "counts": run.counts,
        "problem": problem,
        "created_at": run.created_at.isoformat(),
        "finished_at": run.finished_at and run.finished_at.isoformat(),
    }
