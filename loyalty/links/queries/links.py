"""Links, their secrets, and how far pulls are."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, or_, select

from loyalty.kernel.actor import Actor
from loyalty.kernel.crypto import BrokenSeal, unseal
from loyalty.kernel.db import db
from loyalty.links.models import Link, LinkPull, LinkSecret
from loyalty.links.queries.views import LinkView, PullView, SecretView
from loyalty.links.rules import UnknownLink, parse_plan

READ = "links.read"


def links(actor: Actor) -> list[LinkView]:
    """Return the links that the actor may see, by code."""
    rows = db.session.execute(_chosen().where(*visible(actor)).order_by(Link.code))
    return [_view(link, pull) for link, pull in rows]


def link_by_code(code: str, actor: Actor | None = None) -> LinkView:
    """Return a link; UnknownLink when there is none that the actor (None: the service itself) may see."""
    wanted = [Link.code == code, *(visible(actor) if actor else [])]
    for link, pull in db.session.execute(_chosen().where(*wanted)):
        return _view(link, pull)
    raise UnknownLink(link=code)


def link_by_id(link_id: int) -> LinkView:
    """Return a link; UnknownLink when there is none."""
    for link, pull in db.session.execute(_chosen().where(Link.id == link_id)):
        return _view(link, pull)
    raise UnknownLink(link=link_id)


def visible(actor: Actor) -> list[ColumnElement[bool]]:
    """Return the condition for links whose stores the actor may all see."""
    scope = actor.scope(READ)
    if scope.stores is None:
        return []
    return [Link.stores.isnot(None), Link.stores.contained_by(sorted(scope.stores))]


def secrets_in_force(link_id: int, now: datetime) -> list[str]:
    """Return the secrets by which events may be signed at `now`, the newest first; none for a pull.

    One that does not open is passed over while there is another; BrokenSeal when none is left.
    """
    rows = db.session.execute(
        select(LinkSecret.id, LinkSecret.sealed).where(*_in_force(link_id, now)).order_by(LinkSecret.created_at.desc())
    )
    opened: list[str] = []
    shut: BrokenSeal | None = None
    for row in rows:
        try:
            opened.append(unseal(bytes(row.sealed), place=f"link_secrets.sealed:{row.id}"))
        except BrokenSeal as problem:
            shut = problem
    if shut is not None and not opened:
        raise shut
    return opened


def secret_views(link_id: int, now: datetime) -> list[SecretView]:
    """Return since when and until when the secrets in force are so, the newest first."""
    rows = db.session.execute(
        select(LinkSecret.created_at, LinkSecret.ends_at)
        .where(*_in_force(link_id, now))
        .order_by(LinkSecret.created_at.desc())
    )
    return [SecretView(*row) for row in rows]


def _in_force(link_id: int, now: datetime) -> Collection[ColumnElement[bool]]:
    return (LinkSecret.link_id == link_id, or_(LinkSecret.ends_at.is_(None), LinkSecret.ends_at > now))


def core_url(link_id: int) -> str:
    """Return the address of a pull's core database, password included."""
    sealed = db.session.execute(select(LinkPull.url_sealed).where(LinkPull.link_id == link_id)).scalar_one()
    return unseal(bytes(sealed), place=f"link_pulls.url_sealed:{link_id}")


def pulls_due(limit: int = 100) -> list[int]:
    """Return the ids of links that are to be read now by the database's clock, the longest due first."""
    now = func.clock_timestamp()
    statement = (
        select(LinkPull.link_id)
        .join(Link, Link.id == LinkPull.link_id)
        .where(~Link.paused, LinkPull.due_at <= now, or_(LinkPull.lease_until.is_(None), LinkPull.lease_until < now))
        .order_by(LinkPull.due_at, LinkPull.link_id)
        .limit(limit)
    )
    return list(db.session.scalars(statement))


def pull_codes() -> list[str]:
    """Return the codes of the pulls that are not paused."""
    statement = select(Link.code).join(LinkPull, LinkPull.link_id == Link.id).where(~Link.paused).order_by(Link.code)
    return list(db.session.scalars(statement))


def _chosen() -> Select[Link, LinkPull]:
    fresh = select(Link, LinkPull).outerjoin(LinkPull, LinkPull.link_id == Link.id)
    return fresh.execution_options(populate_existing=True)


def _view(link: Link, pull: LinkPull | None) -> LinkView:
    return LinkView(
        link.id,
        link.code,
        link.name,
        link.kind,
        link.source,
        None if link.stores is None else frozenset(link.stores),
        link.paused,
        link.created_at,
        link.created_by,
        None if pull is None else _pull(pull),
    )


def _pull(pull: LinkPull) -> PullView:
    return PullView(
        pull.url_shown,
        parse_plan(pull.plan),
        pull.due_at,
        pull.lease_until,
        pull.token is not None,
        pull.watermark,
        pull.seen_at,
        pull.compared_at,
        pull.failures,
        pull.unreachable_since,
        pull.problem,
        pull.missing,
        pull.progress,
    )
