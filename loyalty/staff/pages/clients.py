"""API clients: programs with a token."""

from dataclasses import replace
from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.kernel.actor import EVERYTHING
from loyalty.kernel.errors import Malformed
from loyalty.staff import queries, service
from loyalty.staff.forms import ClientForm, RotateForm, told
from loyalty.staff.rules import NameTaken
from loyalty.staff.words import PERMISSIONS
from loyalty.web import forms
from loyalty.web.guards import guard
from loyalty.web.languages import say
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now

blueprint = Blueprint("clients", __name__, url_prefix="/staff/clients", template_folder="../templates")

PERMISSION = "clients.manage"


@blueprint.get("")
@guard(PERMISSION)
def list_clients() -> ResponseReturnValue:
    """Show the API clients, revoked ones last."""
    stores = {view.id: view.name for view in queries.stores(EVERYTHING)}
    words = {"stores": stores, "permissions": PERMISSIONS, "now": request_now()}
    return render_template("staff/clients.html", clients=queries.clients(), **words)


@blueprint.get("/new")
@guard(PERMISSION, fresh=True)
def new_client() -> ResponseReturnValue:
    """Show the form of a new API client."""
    return _form(forms.empty(where="all"), [], [], 200)


@blueprint.post("/new")
@guard(PERMISSION, fresh=True)
def create_client() -> ResponseReturnValue:
    """Create an API client and show its token, this once."""
    permissions, stores = request.form.getlist("permissions"), request.form.getlist("stores")
    filled = forms.load(ClientForm, request.form)
    status = 422
    if filled.ok and filled.values["where"] == "some" and not stores:
        filled = replace(filled, errors={"stores": [_("Choose at least one store.")]})
    if filled.ok:
        by = current_actor()
        try:
            client_id, token = service.create_api_client(
                name=filled.values["name"],
                permissions=permissions,
                store_ids=_whole(stores) if filled.values["where"] == "some" else None,
                owner_id=queries.person_behind(by),
                now=request_now(),
                by=by,
            )
        except Malformed as problem:
            filled = told(filled, problem)
        except NameTaken as problem:
            status, filled = 409, told(filled, Malformed({"name": [say(problem.sentence, problem.details)]}))
        else:
            return render_template("staff/client_token.html", client=queries.client(client_id), token=token), 201
    return _form(filled, permissions, stores, status)


@blueprint.get("/<int:client_id>/revoke")
@guard(PERMISSION)
def ask_revoke(client_id: int) -> ResponseReturnValue:
    """Ask whether a token shall open nothing any more."""
    return render_template("staff/client_revoke.html", client=queries.client(client_id))


@blueprint.post("/<int:client_id>/revoke")
@guard(PERMISSION)
def revoke_client(client_id: int) -> ResponseReturnValue:
    """Let a token open nothing any more."""
    service.revoke_client(client_id, now=request_now(), by=current_actor())
    notify(_("The token is revoked."))
    return redirect(url_for("clients.list_clients"), 303)


@blueprint.get("/<int:client_id>/rotate")
@guard(PERMISSION, fresh=True)
def ask_rotate(client_id: int) -> ResponseReturnValue:
    """Ask how long the present token shall open the same beside a new one."""
    return _rotate(client_id, forms.empty(grace="24"), 200)


@blueprint.post("/<int:client_id>/rotate")
@guard(PERMISSION, fresh=True)
def rotate_client(client_id: int) -> ResponseReturnValue:
    """Replace the token of an API client and show the new one, this once."""
    filled = forms.load(RotateForm, request.form)
    if not filled.ok:
        return _rotate(client_id, filled, 422)
    grace = timedelta(hours=filled.values["grace"])
    token = service.rotate_client(client_id, grace=grace, now=request_now(), by=current_actor())
    return render_template("staff/client_token.html", client=queries.client(client_id), token=token), 201


def _rotate(client_id: int, filled: forms.Filled, status: int) -> tuple[str, int]:
    return render_template("staff/client_rotate.html", client=queries.client(client_id), form=filled), status


def _whole(typed: list[str]) -> list[int]:
    try:
        return [int(one) for one in typed]
    except ValueError:
        raise Malformed({"stores": ["There is no such store."]}) from None


def _form(filled: forms.Filled, permissions: list[str], stores: list[str], status: int) -> tuple[str, int]:
    shown = render_template(
        "staff/client_form.html",
        form=filled,
        ticked={"permissions": permissions, "stores": stores},
        permissions=PERMISSIONS,
        store_choices=[(view.id, view.name) for view in queries.stores(EVERYTHING)],
    )
    return shown, status
