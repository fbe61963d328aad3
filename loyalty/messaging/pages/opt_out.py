"""The open link by which people opt out: one click, no sign-in. Opening it changes nothing; mail programs may look."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from loyalty.messaging import service
from loyalty.messaging.sealed import customer_of_token
from loyalty.web.guards import open_to_all
from loyalty.web.limits import limited
from loyalty.web.requests import request_now

blueprint = Blueprint("opt_out", __name__, url_prefix="/u", template_folder="../templates")
RATE = "60/minute"


@blueprint.get("/<token>")
@open_to_all
def ask(token: str) -> ResponseReturnValue:
    """Show the one button."""
    known = customer_of_token(token) is not None
    return render_template("messaging/portal/opt_out.html", token=token, known=known, done=False), 200 if known else 404


@blueprint.post("/<token>")
@open_to_all
@limited(RATE, scope="opt_out")
def confirm(token: str) -> ResponseReturnValue:
    """Withdraw the agreement to offers; a mail program's own button posts here too."""
    known = service.opt_out_by_link(token, now=request_now())
    return render_template("messaging/portal/opt_out.html", token=token, known=known, done=known), 200 if known else 404
