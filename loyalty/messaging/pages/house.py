"""Replies that wait for somebody, and channels that are paused or slowed."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.kernel.errors import Malformed
from loyalty.messaging import queries, service
from loyalty.messaging.forms import ChannelForm, HandleForm
from loyalty.messaging.pages.blueprint import MANAGE, READ, SEND, UNREADABLE, blueprint
from loyalty.messaging.rules import CHANNELS, ChannelNotFound
from loyalty.messaging.words import CHANNELS as CHANNEL_WORDS
from loyalty.web.forms import Filled, empty, load
from loyalty.web.guards import guard
from loyalty.web.languages import say_line
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now


@blueprint.get("/replies")
@guard(READ)
def replies() -> ResponseReturnValue:
    """List replies: those that wait to be read, or all."""
    everything = request.args.get("show") == "all"
    page = queries.replies(
        current_actor().scope(READ), open_only=not everything, cursor=request.args.get("cursor"), limit=50
    )
    return render_template("messaging/replies.html", page=page, everything=everything, channels=CHANNEL_WORDS)


@blueprint.post("/replies/<int:reply_id>")
@guard(SEND)
def handle(reply_id: int) -> ResponseReturnValue:
    """Write down that a reply was read, and what was done."""
    filled = load(HandleForm, request.form)
    note = filled.values.get("note", "")
    service.handle_reply(reply_id, note=note, scope=current_actor().scope(SEND), now=request_now(), by=current_actor())
    notify(_("The reply is done."))
    return redirect(url_for("messages.replies"), 303)


@blueprint.get("/channels/<channel>")
@guard(MANAGE)
def channel(channel: str) -> ResponseReturnValue:
    """Show how a channel is used."""
    known = {view.channel: view for view in queries.channels()}[_known(channel)]
    rate = "" if known.per_minute is None else str(known.per_minute)
    return _form(channel, empty(per_minute=rate, paused="1" if known.paused_at else ""))


@blueprint.post("/channels/<channel>")
@guard(MANAGE)
def set_channel(channel: str) -> ResponseReturnValue:
    """Pause a channel, let it go on, or give it a rate."""
    filled = load(ChannelForm, request.form)
    if filled.ok:
        try:
            service.set_channel(_known(channel), now=request_now(), by=current_actor(), **filled.values)
        except Malformed as problem:
            errors = {place: [say_line(line) for line in lines] for place, lines in problem.errors.items()}
            filled = Filled({}, errors, filled.typed)
        else:
            notify(_("The channel is set. What is due waits while it is paused."))
            return redirect(url_for("messages.index"), 303)
    return _form(_known(channel), filled), UNREADABLE


def _known(channel: str) -> str:
    if channel not in CHANNELS:
        raise ChannelNotFound(channel=channel)
    return channel


def _form(channel: str, filled: Filled) -> str:
    return render_template(
        "messaging/channel.html",
        channel=channel,
        name=CHANNEL_WORDS[channel],
        values=filled.typed,
        errors=filled.errors,
    )
