"""Making a link, saying which view it reads and what its columns hold."""

from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from loyalty.kernel.actor import EVERYTHING
from loyalty.kernel.errors import Malformed, Problem
from loyalty.links import service
from loyalty.links.forms import LinkForm, PullForm, ViewForm, plan_from, typed_from_plan
from loyalty.links.pages.blueprint import MANAGE, blueprint, told, visible_link
from loyalty.links.queries import LinkView
from loyalty.links.rules import LinkTaken, NotAPull, Plan, Rows
from loyalty.sales.forms import (
    ImportForm,
    errors_of_form,
    mapping_from_form,
    typed_from_header,
    typed_from_mapping,
)
from loyalty.sales.queries import mappings
from loyalty.sales.rules import parse_mapping
from loyalty.sales.rules.mapping import NEVER_FIXED, REQUIRED
from loyalty.sales.service import save_mapping
from loyalty.sales.words import FIELDS
from loyalty.staff.queries import stores
from loyalty.web import forms
from loyalty.web.forms import Filled
from loyalty.web.guards import guard
from loyalty.web.languages import say, say_line
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now
from loyalty.web.texts import row_number

Values = Mapping[str, Any]


@blueprint.get("/new/webhook")
@guard(MANAGE)
def new_webhook() -> ResponseReturnValue:
    """Show the form of a link that receives signed events."""
    return _form("webhook", forms.empty(where="all"), 200)


@blueprint.post("/new/webhook")
@guard(MANAGE, fresh=True)
def create_webhook() -> ResponseReturnValue:
    """Make a webhook and show its secret, this once."""
    filled = forms.load(LinkForm, request.form)
    if not filled.ok:
        return _form("webhook", filled, 422)
    try:
        secret = service.create_webhook(**_common(filled.values))
    except (Malformed, LinkTaken) as problem:
        return _refused("webhook", filled, problem)
    link = visible_link(filled.values["code"])
    return render_template("links/secret.html", link=link, secret=secret), 201


@blueprint.get("/new/view")
@guard(MANAGE)
def new_pull() -> ResponseReturnValue:
    """Show the form of a link that reads a view."""
    usual = typed_from_plan(Plan("")) | {"where": "all"}
    return _form("pull", forms.empty(**usual), 200)


@blueprint.post("/new/view")
@guard(MANAGE, fresh=True)
def create_pull() -> ResponseReturnValue:
    """Make a link that reads a view, and go on to its columns."""
    filled = forms.load(PullForm, request.form)
    if not filled.ok:
        return _form("pull", filled, 422)
    try:
        plan = plan_from(filled.values)
        service.create_pull(url=filled.values["url_with_password"], plan=plan, **_common(filled.values))
    except (Malformed, LinkTaken) as problem:
        return _refused("pull", filled, problem)
    return redirect(url_for("links.map_columns", code=filled.values["code"]), 303)


def _common(values: Values) -> dict[str, Any]:
    chosen = [number for number in map(row_number, request.form.getlist("stores")) if number is not None]
    named = {name: values[name] for name in ("code", "name", "source")}
    return {
        **named,
        "stores": chosen if values["where"] == "some" else None,
        "now": request_now(),
        "by": current_actor(),
    }


def _refused(kind: str, filled: Filled, problem: Malformed | LinkTaken) -> ResponseReturnValue:
    if isinstance(problem, LinkTaken):
        return _form(kind, told(filled, Malformed({"code": [say(problem.sentence, problem.details)]})), 409)
    return _form(kind, told(filled, problem), 422)


def _form(kind: str, filled: Filled, status: int) -> ResponseReturnValue:
    page = render_template(
        "links/new.html",
        kind=kind,
        values=filled.typed,
        errors=filled.errors,
        ticked={"stores": request.form.getlist("stores")},
        store_choices=[(store.id, store.name) for store in stores(EVERYTHING)],
    )
    return page, status


@blueprint.get("/<code>/view")
@guard(MANAGE)
def edit_view(code: str) -> ResponseReturnValue:
    """Show which view is read, and how often; the address of the database can be replaced and is never shown."""
    link, plan = _pull_of(code)
    return _view_form(link, forms.empty(**typed_from_plan(plan)), 200)


@blueprint.post("/<code>/view")
@guard(MANAGE, fresh=True)
def change_view(code: str) -> ResponseReturnValue:
    """Read another view, or the same otherwise."""
    link, plan = _pull_of(code)
    filled = forms.load(ViewForm, request.form)
    if filled.ok:
        try:
            changed = plan_from(filled.values, plan)
            url = filled.values["url_with_password"]
            service.change_plan(link, changed, url=url, now=request_now(), by=current_actor())
        except Malformed as problem:
            filled = told(filled, problem)
        else:
            return redirect(url_for("links.show_link", code=code), 303)
    return _view_form(link, filled, 422)


def _view_form(link: LinkView, filled: Filled, status: int) -> ResponseReturnValue:
    return render_template("links/view.html", link=link, values=filled.typed, errors=filled.errors), status


@blueprint.get("/<code>/columns")
@guard(MANAGE)
def map_columns(code: str) -> ResponseReturnValue:
    """Show the first rows of the view, and for each field which column seems to hold it."""
    link, plan = _pull_of(code)
    saved = {each.id: each for each in mappings()}
    chosen = saved.get(request.args.get("mapping", 0, type=int))
    tested, problem = _look(link)
    if chosen is not None:
        typed = typed_from_mapping(parse_mapping(chosen.body))
    elif plan.mapping is not None:
        typed = typed_from_mapping(plan.mapping)
    else:
        usual = {"value-kind": "service", "amount": "gross", "customers": "create"}
        typed = usual | typed_from_header(tested.columns if tested else [])
    return _columns_form(link, forms.empty(**typed), tested, problem, 200)


@blueprint.post("/<code>/columns")
@guard(MANAGE)
def start_reading(code: str) -> ResponseReturnValue:
    """Keep what the columns hold; the view is read from its first row on."""
    link, _plan = _pull_of(code)
    filled = forms.load(ImportForm, request.form)
    if filled.ok:
        try:
            mapping = parse_mapping(mapping_from_form({**filled.values, "source": link.source}, filled.typed))
            if filled.values["name"]:
                save_mapping(filled.values["name"], mapping, now=request_now(), by=current_actor())
            service.map_columns(link, mapping, now=request_now(), by=current_actor())
        except Malformed as problem:
            filled = told(filled, Malformed(errors_of_form(problem.errors)))
        else:
            return redirect(url_for("links.show_link", code=code), 303)
    tested, problem_of_view = _look(link)
    return _columns_form(link, filled, tested, problem_of_view, 422)


def _pull_of(code: str) -> tuple[LinkView, Plan]:
    link = visible_link(code)
    if link.pull is None:
        raise NotAPull(link=code)
    return link, link.pull.plan


def _look(link: LinkView) -> tuple[service.Tested | None, str | None]:
    """Return what the view has, or in words why it cannot be read."""
    try:
        return service.test_connection(link), None
    except Malformed as problem:
        return None, " ".join(say_line(line) for lines in problem.errors.values() for line in lines)
    except Problem as problem:
        return None, say(problem.sentence, problem.details)


def _columns_form(
    link: LinkView, filled: Filled, tested: service.Tested | None, problem: str | None, status: int
) -> ResponseReturnValue:
    page = render_template(
        "links/columns.html",
        link=link,
        columns=tested.columns if tested else [],
        rows=tested.rows if tested else Rows(()),
        problem=problem,
        values=filled.typed,
        errors=filled.errors,
        fields=FIELDS,
        required=REQUIRED,
        never_fixed=NEVER_FIXED,
        mappings=mappings(),
    )
    return page, status


@blueprint.post("/<code>/test")
@guard(MANAGE)
def test_connection(code: str) -> ResponseReturnValue:
    """Connect to the core database and tell what the view has."""
    link, _plan = _pull_of(code)
    tested, problem = _look(link)
    if tested is None:
        notify(problem or "", tone="over")
    else:
        _tell(tested)
    return redirect(url_for("links.show_link", code=code), 303)


def _tell(tested: service.Tested) -> None:
    columns = len(tested.columns)
    if tested.unseen:
        sentence = (
            "The view answers and has {columns} columns. {rows} rows have no number or no moment of change: "
            "they are never read."
        )
        notify(say(sentence, {"columns": columns, "rows": tested.unseen}), tone="due")
    else:
        notify(say("The view answers and has {columns} columns.", {"columns": columns}))
