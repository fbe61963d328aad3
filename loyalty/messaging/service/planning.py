"""Messages planned inside the transaction of whoever wants them sent, and taken back while they wait."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import text

from loyalty.customers.queries import standing_for
from loyalty.kernel.actor import EVERYTHING, Actor
from loyalty.kernel.db import batch, db, id_array, transaction
from loyalty.kernel.errors import Malformed
from loyalty.messaging import outlets, queries
from loyalty.messaging.queries.templates import TemplateView
from loyalty.messaging.rules import (
    CHANNELS,
    NewMessage,
    NotOnChannel,
    Outlook,
    Planned,
    Texts,
    UnknownTemplate,
    render,
    way_out,
)
from loyalty.messaging.sealed import opt_out_token, seal_body
from loyalty.messaging.service.outbox import announce_ends

LONGEST_KEY = 200
BATCH = 1_000
PREFERRED = ("wechat", "sms", "email", "inbox")

_LANGUAGES = text("SELECT id, language FROM customers WHERE id = ANY (CAST(:ids AS bigint[]))")
_INSERT = text("""
    INSERT INTO messages (customer_id, dedupe_key, version_id, purpose, channel, language, store_id, body_sealed,
        due_at, next_at, not_after, about_kind, about_id, resends_id, planned_at, planned_by)
    SELECT customer_id, dedupe_key, version_id, purpose, channel, language, store_id, body_sealed, due_at, due_at,
        not_after, about_kind, about_id, resends_id, CAST(:now AS timestamptz), :by
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (
        customer_id bigint, dedupe_key text, version_id bigint, purpose text, channel text, language text,
        store_id bigint, body_sealed bytea, due_at timestamptz, not_after timestamptz, about_kind text,
        about_id bigint, resends_id bigint)
    ON CONFLICT DO NOTHING RETURNING dedupe_key, id
""")
_KNOWN = text("""
    SELECT m.dedupe_key, m.id FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (customer_id bigint, dedupe_key text)
    JOIN messages AS m ON m.customer_id = r.customer_id AND m.dedupe_key = r.dedupe_key
""")
_CANCEL = text("""
    UPDATE messages SET state = 'cancelled', problem = :reason, ended_at = CAST(:now AS timestamptz)
    WHERE state = 'due' AND about_kind = :about_kind AND about_id = ANY (CAST(:ids AS bigint[]))
    RETURNING customer_id, id, state, channel, about_kind, about_id, ended_at
""")


def plan(messages: Sequence[NewMessage], *, now: datetime, by: Actor) -> Planned:
    """Plan messages in the caller's transaction; those whose dedupe key is known are left as they are.

    What cannot be rendered is refused before anything is written: UnknownTemplate, VariableMissing, LanguageMissing,
    NotOnChannel; Malformed for a key or a channel that cannot be.
    """
    if not messages:
        return Planned({}, frozenset())
    _check(messages)
    with transaction() as session:
        rows = _rendered(messages, now)
        new: dict[str, int] = {}
        known: dict[str, int] = {}
        for part in _parts(rows):
            made = session.execute(_INSERT, {"rows": batch(part), "now": now, "by": by.name})
            new |= {row.dedupe_key: row.id for row in made}
            others = [
                {"customer_id": row["customer_id"], "dedupe_key": row["dedupe_key"]}
                for row in part
                if row["dedupe_key"] not in new
            ]
            found = session.execute(_KNOWN, {"rows": batch(others)}) if others else ()
            known |= {row.dedupe_key: row.id for row in found}
    return Planned(known | new, frozenset(new))


def cancel(about_kind: str, about_ids: Collection[int], *, reason: str, now: datetime) -> int:
    """Cancel the messages about these things that still wait; return how many. What is on its way stays."""
    with transaction() as session:
        values = {"about_kind": about_kind, "ids": id_array(about_ids), "reason": reason[:200], "now": now}
        told = session.execute(_CANCEL, values).all()
        announce_ends(told, now=now)
        return len(told)


def _check(messages: Sequence[NewMessage]) -> None:
    for one in messages:
        if not 0 < len(one.dedupe_key) <= LONGEST_KEY:
            raise Malformed({"dedupe_key": ["A key has 1 to 200 characters."]})
        if one.channel is not None and one.channel not in CHANNELS:
            raise Malformed({"channel": ["There is no such channel."]})
        if one.not_after is not None and one.not_after < one.due_at:
            raise Malformed({"not_after": ["The last moment must not come before the message is due."]})


def _rendered(messages: Sequence[NewMessage], now: datetime) -> list[dict[str, Any]]:
    used = queries.templates_by_names({one.template for one in messages})
    for one in messages:
        if one.template not in used or used[one.template].retired:
            raise UnknownTemplate(template=one.template)
    texts = {name: view.texts for name, view in used.items()}
    ids = {one.customer_id for one in messages}
    standing = standing_for(ids)
    chosen = _with_channels(messages, used, texts, standing, now)
    spoken = db.session.execute(_LANGUAGES, {"ids": id_array({*ids, *standing.values()})})
    languages = {row.id: row.language for row in spoken}
    return [_row(one, used[one.template], texts[one.template], languages[standing[one.customer_id]]) for one in chosen]


def _with_channels(
    messages: Sequence[NewMessage],
    used: Mapping[str, TemplateView],
    texts: Mapping[str, Texts],
    standing: Mapping[int, int],
    now: datetime,
) -> list[NewMessage]:
    """Return the messages with a channel each: where none was named, the first that the customer can be reached by."""
    undecided: dict[str, set[int]] = defaultdict(set)
    for one in messages:
        if one.channel is None:
            undecided[used[one.template].purpose].add(standing[one.customer_id])
    looks: dict[str, Mapping[int, Outlook]] = {
        purpose: queries.outlook(ids, purpose, CHANNELS, now=now, scope=EVERYTHING)
        for purpose, ids in undecided.items()
    }
    chosen = []
    for one in messages:
        if one.channel is None:
            ways = [channel for channel in PREFERRED if channel in texts[one.template].texts]
            look = looks[used[one.template].purpose][standing[one.customer_id]]
            chosen.append(replace(one, channel=look.best(ways) or ways[-1]))
        elif one.channel not in texts[one.template].texts:
            raise NotOnChannel(template=one.template, channel=one.channel)
        else:
            chosen.append(one)
    return chosen


def _row(one: NewMessage, view: TemplateView, texts: Texts, language: str) -> dict[str, Any]:
    channel = one.channel or PREFERRED[-1]
    home = outlets.public_url()
    link = f"{home}/u/{opt_out_token(one.customer_id)}" if home else None
    out = way_out(channel, language, view.purpose, link)
    values = {name: value if isinstance(value, str) else value[language] for name, value in one.variables.items()}
    rendered = render(view.name, texts, channel, language, values, way_out=out)
    return {
        "customer_id": one.customer_id,
        "dedupe_key": one.dedupe_key,
        "version_id": view.version_id,
        "purpose": view.purpose,
        "channel": channel,
        "language": language,
        "store_id": one.store_id,
        "body_sealed": seal_body(one.dedupe_key, rendered),
        "due_at": one.due_at,
        "not_after": one.not_after,
        "about_kind": one.about_kind,
        "about_id": one.about_id,
        "resends_id": None,
    }


def _parts(rows: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    waiting = iter(rows)
    while part := list(islice(waiting, BATCH)):
        yield part
