"""The list of messages, and one with all that happened to it and what can be done about it."""

from collections.abc import Iterator
from typing import Any

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.kernel.errors import Refused
from loyalty.messaging import queries, service
from loyalty.messaging.forms import SettleForm
from loyalty.messaging.pages.blueprint import CONFLICT, READ, SEND, UNREADABLE, blueprint
from loyalty.messaging.queries import Filter, MessageView
from loyalty.messaging.rules import CHANNELS, PURPOSES, RULES, STATES
from loyalty.messaging.service.settling import RESENDABLE
from loyalty.messaging.words import CHANNELS as CHANNEL_WORDS
from loyalty.messaging.words import FATES, OUTCOMES, PROBLEMS, REASONS, RECEIPTS, VERDICTS
from loyalty.messaging.words import PURPOSES as PURPOSE_WORDS
from loyalty.messaging.words import RULES as RULE_WORDS
from loyalty.messaging.words import STATES as STATE_WORDS
from loyalty.staff.queries import store_by_code, stores, stores_by_ids
from loyalty.staff.service import record_export
from loyalty.web.forms import Filled, empty, load
from loyalty.web.guards import guard
from loyalty.web.languages import say
from loyalty.web.limits import limited
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now
from loyalty.web.sheets import EXPORTS, MOST_ROWS, send_sheet
from loyalty.web.texts import row_number

WORDS = {
    "ways": CHANNEL_WORDS,
    "purposes": PURPOSE_WORDS,
    "states": STATE_WORDS,
    "rules": RULE_WORDS,
    "problems": PROBLEMS,
}


@blueprint.get("")
@guard(READ)
def index() -> ResponseReturnValue:
    """List messages by state, channel, purpose, reason and store, with the channels and how they stand."""
    scope = current_actor().scope(READ)
    return render_template(
        "messaging/index.html",
        page=queries.messages(_wanted(), scope, cursor=request.args.get("cursor")),
        counts=queries.state_counts(scope),
        channels=queries.channels(),
        reasons=REASONS,
        replies=len(queries.replies(scope, open_only=True, limit=50).items),
        stores=[(store.code, store.name) for store in stores(scope)],
        **WORDS,
    )


@blueprint.get("/export.xlsx")
@guard("exports.run", fresh=True)
@limited(EXPORTS, scope="exports", reads=True)
def export() -> ResponseReturnValue:
    """Send what the filter of the address finds, as an Excel file; what the messages say is not in it."""
    actor = current_actor()
    actor.require(READ)
    found = queries.every_message(_wanted(), actor.scope(READ), most=MOST_ROWS)
    record_export("messages", request.args.to_dict(), now=request_now(), by=actor)
    columns = [
        _("Message number"),
        _("Customer"),
        _("Template"),
        _("Purpose"),
        _("Channel"),
        _("State"),
        _("Reason"),
        _("Planned for"),
        _("Ended at"),
        _("Attempts"),
        _("Store"),
    ]
    return send_sheet("messages", columns, _rows(found))


@blueprint.get("/<int:message_id>")
@guard(READ)
def show(message_id: int) -> ResponseReturnValue:
    """Show a message: what it says, why it went or did not, every attempt, and who settled it."""
    return _page(queries.message(message_id, current_actor().scope(READ)), empty())


@blueprint.post("/<int:message_id>/resend")
@guard(SEND)
def resend(message_id: int) -> ResponseReturnValue:
    """Plan the same text as a new message."""
    view = queries.message(message_id, current_actor().scope(SEND))
    try:
        made = service.resend(message_id, scope=current_actor().scope(SEND), now=request_now(), by=current_actor())
    except Refused as refused:
        return _page(view, empty(), refused), CONFLICT
    notify(_("The message goes out again as this new one; the gate is asked about it like any other."))
    return redirect(url_for("messages.show", message_id=made), 303)


@blueprint.post("/<int:message_id>/cancel")
@guard(SEND)
def cancel(message_id: int) -> ResponseReturnValue:
    """Cancel a message that waits."""
    scope = current_actor().scope(SEND)
    view = queries.message(message_id, scope)
    try:
        service.cancel_message(message_id, scope=scope, now=request_now(), by=current_actor())
    except Refused as refused:
        return _page(view, empty(), refused), CONFLICT
    notify(_("The message is cancelled."))
    return redirect(url_for("messages.show", message_id=message_id), 303)


@blueprint.post("/<int:message_id>/settle")
@guard(SEND)
def settle(message_id: int) -> ResponseReturnValue:
    """Write down whether an unclear message went out."""
    scope = current_actor().scope(SEND)
    view = queries.message(message_id, scope)
    filled = load(SettleForm, request.form)
    if not filled.ok:
        return _page(view, filled), UNREADABLE
    try:
        service.settle(
            message_id,
            sent=filled.values["outcome"] == "sent",
            evidence=filled.values["evidence"],
            scope=scope,
            now=request_now(),
            by=current_actor(),
        )
    except Refused as refused:
        return _page(queries.message(message_id, scope), filled, refused), CONFLICT
    notify(_("It is written down. A message that was not sent can be sent again from here."))
    return redirect(url_for("messages.show", message_id=message_id), 303)


def _page(view: MessageView, filled: Filled, refused: Refused | None = None) -> str:
    if view.store_id is not None:
        g.zone = stores_by_ids([view.store_id])[view.store_id].zone
    return render_template(
        "messaging/message.html",
        view=view,
        said=view.said,
        steps=queries.steps_of(view),
        again=queries.resent_as(view.customer_id, view.id),
        resendable=view.state in RESENDABLE,
        filled=filled,
        refused=refused,
        outcomes=OUTCOMES,
        verdicts=VERDICTS,
        receipts=RECEIPTS,
        fates=FATES,
        **WORDS,
    )


def _wanted() -> Filter:
    code = request.args.get("store")
    return Filter(
        state=_one_of("state", STATES),
        channel=_one_of("channel", CHANNELS),
        purpose=_one_of("purpose", PURPOSES),
        rule=_one_of("rule", RULES),
        customer_id=row_number(request.args.get("customer", "")),
        store_id=store_by_code(code, current_actor().scope(READ)).id if code else None,
    )


def _one_of(name: str, values: tuple[str, ...]) -> str | None:
    asked = request.args.get(name)
    return asked if asked in values else None


def _rows(found: Iterator[MessageView]) -> Iterator[list[Any]]:
    for view in found:
        yield [
            view.id,
            view.customer_name or "--",
            view.title,
            PURPOSE_WORDS[view.purpose],
            CHANNEL_WORDS[view.channel],
            STATE_WORDS[view.state][0],
            say(str(RULE_WORDS[view.rule])) if view.rule else None,
            view.due_at,
            view.ended_at,
            view.attempts,
            view.store,
        ]
