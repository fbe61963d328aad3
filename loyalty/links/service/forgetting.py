"""What links keep of a person who is erased: what was not taken, events that wait, and answers that quote them.

A name alone may be somebody else's too: so what was not taken stays on the page by its number, without what it said,
and the core system can send it again.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

from sqlalchemy import Select, select, text

from loyalty.kernel.crypto import BrokenSeal, seal, unseal
from loyalty.kernel.db import db, transaction
from loyalty.links import queries
from loyalty.links.models import LinkEvent, LinkReject
from loyalty.links.rules import flaw

CHUNK = 1_000
STANDS_ALONE = 8
"""A text shorter than this, such as a customer's number, names somebody only where it stands alone."""

TAKEN_OUT = (
    "What stood here named a person who was erased. If it is about somebody else, let the core system send it again."
)

Names = Callable[[object], bool]
"""Whether something that a link told names the person, anywhere in it."""


def forget_people(traces: Sequence[str]) -> int:
    """Take away what links keep that has one of these texts in it; return of how many things of a core system.

    What was not taken and does not open any more might name the person, and is emptied too. An event that waits and
    does not open stays: once its key is back it is worked on, which brings back nobody, and nothing of it is kept.
    """
    names = _names(traces)
    with transaction():
        return sum(_forget(names, row) for row in _kept_rejects()) + sum(_lighten(names, row) for row in _kept_events())


def _names(traces: Sequence[str]) -> Names:
    forms = sorted({trace.casefold() for trace in traces if trace}, key=len, reverse=True)
    apart = [rf"(?<![0-9a-z]){re.escape(form)}(?![0-9a-z])" for form in forms if len(form) < STANDS_ALONE]
    whole = [re.escape(form) for form in forms if len(form) >= STANDS_ALONE]
    found = re.compile("|".join((*whole, *apart)) or r"(?!)")
    return lambda told: any(found.search(leaf.casefold()) for leaf in _leaves(told))


def _leaves(told: object) -> Iterator[str]:
    if isinstance(told, dict):
        told = [*told.keys(), *told.values()]
    if isinstance(told, list):
        for each in told:
            yield from _leaves(each)
    else:
        yield str(told)


def _kept_rejects() -> Iterator[LinkReject]:
    """Give what was not taken, open and settled; what is sealed is found in no other way."""
    return _by_id(select(LinkReject), LinkReject.id)


def _kept_events() -> Iterator[LinkEvent]:
    """Give the events that wait, and those whose answer gives reasons: no other quotes what it was told."""
    quoting = text("(state <> 'done' OR (answer_sealed IS NOT NULL AND counts ? 'rejected'))")
    return _by_id(select(LinkEvent).where(quoting), LinkEvent.id)


def _by_id(chosen: Select[Any], key: Any) -> Iterator[Any]:
    chosen = chosen.order_by(key).limit(CHUNK).with_for_update(key_share=True)
    rows = db.session.scalars(chosen.execution_options(populate_existing=True)).all()
    while rows:
        yield from rows
        last = rows[-1].id
        rows = db.session.scalars(chosen.where(key > last).execution_options(populate_existing=True)).all()


def _forget(names: Names, row: LinkReject) -> int:
    told = _opened(row.sealed, queries.reject_place(row.id))
    if told is not None and not names([told, row.key]):
        return 0
    if row.state != "open" or names(row.key):
        db.session.delete(row)
    else:
        body = {"flaws": [flaw("", TAKEN_OUT)], "content": {}}
        row.sealed = _sealed(body, queries.reject_place(row.id))
    return 1


def _lighten(names: Names, event: LinkEvent) -> int:
    """Take out of an event that waits what names the person, and from an answer the reasons and the number that do."""
    place = queries.event_place(event.link_id, event.event_id)
    body = _opened(event.body_sealed, place)
    count = 0
    if body is not None:
        kept = {name: _without(names, told) for name, told in body.items()}
        count += sum(len(told) - len(kept[name]) for name, told in body.items() if isinstance(told, list))
        event.body_sealed = _sealed(kept, place) if count else event.body_sealed
    place = queries.answer_place(event.link_id, event.event_id)
    answer = _opened(event.answer_sealed, place)
    named = [item for item in cast("list[dict[str, Any]]", answer or []) if names(item)]
    for item in named:
        item |= {"number": "" if names(item["number"]) else item["number"], "effects": [], "flaws": []}
    event.answer_sealed = _sealed(answer, place) if named else event.answer_sealed
    return count + len(named)


def _without(names: Names, told: Any) -> Any:
    return [item for item in told if not names(item)] if isinstance(told, list) else told


def _opened(sealed: bytes | None, place: str) -> Any:
    """Return what was sealed; None where there is nothing, or it does not open."""
    try:
        return None if sealed is None else json.loads(unseal(bytes(sealed), place=place))
    except BrokenSeal:
        return None


def _sealed(told: object, place: str) -> bytes:
    return seal(json.dumps(told, ensure_ascii=False), place=place)
