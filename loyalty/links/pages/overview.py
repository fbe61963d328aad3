"""The links, and one with its alarms, figures, rejected rows and latest passages."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from loyalty.links import queries
from loyalty.links.pages.blueprint import READ, blueprint, visible_link
from loyalty.links.rules import MOST_SECONDS, SIGNATURE_HEADER, TIMESTAMP_HEADER
from loyalty.links.rules.states import lag
from loyalty.links.words import ITEMS, KINDS, OUTCOMES, PASSAGES, STATES
from loyalty.staff.queries import stores_by_ids
from loyalty.web.guards import guard
from loyalty.web.requests import current_actor, request_now

SHOWN_REJECTS = 50


@blueprint.get("")
@guard(READ)
def list_links() -> ResponseReturnValue:
    """Show the links and how they fare."""
    found = queries.links(current_actor())
    return render_template(
        "links/list.html",
        links=found,
        standings=queries.standings([link.id for link in found], request_now()),
        states={link.id: STATES[link.state] for link in found},
        kinds=KINDS,
    )


@blueprint.get("/<code>")
@guard(READ)
def show_link(code: str) -> ResponseReturnValue:
    """Show one link."""
    link, now = visible_link(code), request_now()
    pull = link.pull
    return render_template(
        "links/link.html",
        link=link,
        state=STATES[link.state],
        standing=queries.standings([link.id], now)[link.id],
        rejects=queries.rejects_page(link.id, limit=SHOWN_REJECTS, cursor=request.args.get("cursor")),
        passages=queries.latest_passages(link.id, link.kind),
        secrets=queries.secret_views(link.id, now),
        stores=[store.name for store in stores_by_ids(link.stores or ()).values()],
        lag=lag(pull.seen_at, pull.plan.every_seconds, now) if pull else None,
        address=request.host_url.rstrip("/") + url_for("api_links.receive_event", code=link.code),
        headers=(TIMESTAMP_HEADER, SIGNATURE_HEADER, MOST_SECONDS),
        kinds=KINDS,
        items=ITEMS,
        outcomes=OUTCOMES,
        passage_states=PASSAGES,
    )
