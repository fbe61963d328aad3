"""What owners read: /my/inbox, every message that was sent to them, by whichever channel."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from loyalty.messaging import queries, service
from loyalty.messaging.words import CHANNELS
from loyalty.web.guards import owner_only
from loyalty.web.requests import current_actor, request_now

blueprint = Blueprint("my_inbox", __name__, url_prefix="/my", template_folder="templates")


@blueprint.get("/inbox")
@owner_only
def inbox() -> ResponseReturnValue:
    """Show the owner's messages, the latest first; what is new is marked."""
    customer_id = current_actor().customer_id or 0
    page = queries.inbox(customer_id, cursor=request.args.get("cursor"))
    return render_template("messaging/portal/inbox.html", page=page, channels=CHANNELS)


@blueprint.post("/inbox/read")
@owner_only
def read() -> ResponseReturnValue:
    """Mark everything as read."""
    service.mark_read(current_actor().customer_id or 0, now=request_now())
    return redirect(url_for("my_inbox.inbox"), 303)
