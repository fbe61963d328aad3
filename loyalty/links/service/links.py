"""Links made, changed, paused, and their secrets."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from loyalty.kernel.actor import Actor
from loyalty.kernel.crypto import new_token, seal
from loyalty.kernel.db import transaction
from loyalty.kernel.errors import Malformed
from loyalty.links import queries
from loyalty.links.models import Link, LinkPull, LinkSecret
from loyalty.links.queries import LinkView
from loyalty.links.rules import (
    LinkTaken,
    NotAPull,
    NotAWebhook,
    Paused,
    Plan,
    check_link,
    check_url,
    plan_body,
    shown_url,
)
from loyalty.sales.rules import FileMapping
from loyalty.staff.queries import stores_by_ids
from loyalty.staff.service import AuditEntry, record_audit

ROTATION = timedelta(days=1)
"""How long a former secret stays in force beside the new one, unless another day is named."""

LONGEST_ROTATION = timedelta(days=30)
PREFIX = "whsec_"


def create_webhook(
    *, code: str, name: str, source: str, stores: Collection[int] | None, now: datetime, by: Actor
) -> str:
    """Return the secret of a new webhook; it is kept sealed and never shown again. Refused: LinkTaken."""
    with transaction() as session:
        link_id = _add(session, "webhook", code=code, name=name, source=source, stores=stores, now=now, by=by)
        return _add_secret(session, link_id, now)


def create_pull(
    *,
    code: str,
    name: str,
    source: str,
    stores: Collection[int] | None,
    url: str,
    plan: Plan,
    now: datetime,
    by: Actor,
) -> None:
    """Make a link that reads a view; it begins when its columns are mapped. Refused: LinkTaken."""
    address = check_url(url)
    with transaction() as session:
        link_id = _add(session, "pull", code=code, name=name, source=source, stores=stores, now=now, by=by)
        session.add(
            LinkPull(
                link_id=link_id,
                url_sealed=seal(address, place=f"link_pulls.url_sealed:{link_id}"),
                url_shown=shown_url(address),
                plan=plan_body(plan),
                every_seconds=plan.every_seconds,
                due_at=now if plan.mapping else None,
            )
        )


def _add(
    session: Session,
    kind: str,
    *,
    code: str,
    name: str,
    source: str,
    stores: Collection[int] | None,
    now: datetime,
    by: Actor,
) -> int:
    check_link(code, name, source)
    chosen = None if stores is None else sorted(set(stores))
    if chosen is not None and (not chosen or len(stores_by_ids(chosen)) != len(chosen)):
        raise Malformed({"stores": ["Choose at least one store."]})
    values = {
        "code": code,
        "name": name.strip(),
        "kind": kind,
        "source": source.strip(),
        "stores": chosen,
        "created_at": now,
        "created_by": by.name,
    }
    link_id: int | None = session.scalar(insert(Link).values(values).on_conflict_do_nothing().returning(Link.id))
    if link_id is None:
        raise LinkTaken(link=code)
    after = {"code": code, "kind": kind, "source": values["source"], "stores": chosen}
    record_audit([AuditEntry("link.created", "link", link_id, by, now, after=after)])
    return link_id


def _add_secret(session: Session, link_id: int, now: datetime) -> str:
    secret, secret_id = PREFIX + new_token(), uuid4()
    sealed = seal(secret, place=f"link_secrets.sealed:{secret_id}")
    session.add(LinkSecret(id=secret_id, link_id=link_id, sealed=sealed, created_at=now))
    return secret


def rotate_secret(link: LinkView, *, keep: timedelta = ROTATION, now: datetime, by: Actor) -> str:
    """Return a new secret; the former stays in force for `keep`, one that was on its way out ends at once."""
    if link.kind != "webhook":
        raise NotAWebhook(link=link.code)
    if not timedelta(0) <= keep <= LONGEST_ROTATION:
        raise Malformed({"keep": ["The former secret stays in force for 0 to 30 days."]})
    with transaction() as session:
        session.get_one(Link, link.id, with_for_update=True, populate_existing=True)
        mine = LinkSecret.link_id == link.id
        session.execute(update(LinkSecret).where(mine, LinkSecret.ends_at > now).values(ends_at=now))
        session.execute(update(LinkSecret).where(mine, LinkSecret.ends_at.is_(None)).values(ends_at=now + keep))
        secret = _add_secret(session, link.id, now)
        after = {"former_until": now + keep}
        record_audit([AuditEntry("link.secret_rotated", "link", link.id, by, now, after=after)])
        return secret


def sweep_secrets(now: datetime, *, dry_run: bool) -> int:
    """Delete secrets that are no longer in force; return how many."""
    gone = LinkSecret.ends_at <= now
    with transaction() as session:
        if dry_run:
            return session.scalar(select(func.count()).select_from(LinkSecret).where(gone)) or 0
        return len(session.scalars(delete(LinkSecret).where(gone).returning(LinkSecret.id)).all())


def set_paused(link: LinkView, *, paused: bool, now: datetime, by: Actor) -> None:
    """Pause a link or let it go on; meanwhile events are kept and wait, and views are not read."""
    with transaction() as session:
        row = session.get_one(Link, link.id, with_for_update=True, populate_existing=True)
        if row.paused == paused:
            return
        row.paused = paused
        if not paused:
            session.execute(
                update(LinkPull).where(LinkPull.link_id == link.id, LinkPull.due_at.isnot(None)).values(due_at=now)
            )
        record_audit([AuditEntry("link.paused" if paused else "link.resumed", "link", link.id, by, now)])


def change_plan(link: LinkView, plan: Plan, *, url: str | None = None, now: datetime, by: Actor) -> None:
    """Read another view, or the same otherwise, from its first row on; a new address replaces the sealed one."""
    pull = _pull_of(link)
    with transaction() as session:
        row = session.get_one(LinkPull, link.id, with_for_update=True, populate_existing=True)
        another = (plan.view, plan.changed, plan.mapping) != (pull.plan.view, pull.plan.changed, pull.plan.mapping)
        row.plan, row.every_seconds = plan_body(plan), plan.every_seconds
        if url is not None:
            row.url_sealed = seal(check_url(url), place=f"link_pulls.url_sealed:{link.id}")
            row.url_shown = shown_url(url)
        if another or url is not None:
            row.watermark = row.compared_at = None
        row.problem, row.missing = None, 0
        row.due_at = now if plan.mapping else None
        body = plan_body(plan)
        after: dict[str, Any] = {name: body[name] for name in ("view", "changed", "deleted", "every_seconds")}
        record_audit([AuditEntry("link.changed", "link", link.id, by, now, after=after | {"url": row.url_shown})])


def map_columns(link: LinkView, mapping: FileMapping, *, now: datetime, by: Actor) -> None:
    """Say what the columns of the view hold; reading begins."""
    pull = _pull_of(link)
    plan = Plan(
        pull.plan.view,
        mapping,
        pull.plan.changed,
        pull.plan.deleted,
        pull.plan.deleted_values,
        pull.plan.every_seconds,
        pull.plan.overlap_seconds,
        pull.plan.window_days,
    )
    change_plan(link, plan, now=now, by=by)


def ask_for_reading(link: LinkView, *, now: datetime) -> None:
    """Make a pull due at once; one that is being read stays as it is. Refused: NotAPull, Paused."""
    _pull_of(link)
    if link.paused:
        raise Paused(link=link.code)
    with transaction() as session:
        later = or_(LinkPull.due_at > now, LinkPull.due_at.is_(None))
        session.execute(update(LinkPull).where(LinkPull.link_id == link.id, later).values(due_at=now))


def _pull_of(link: LinkView) -> queries.PullView:
    if link.pull is None:
        raise NotAPull(link=link.code)
    return link.pull


def link_actor(link: LinkView) -> Actor:
    """Return who acts when a link brings something: a program that may write sales of the link's stores."""
    return Actor("client", None, f"link {link.code}", {"sales.write": link.stores})
