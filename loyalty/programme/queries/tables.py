"""Tables of facts: which rows hold where on a day."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, case, func, or_, select, text
from sqlalchemy.orm import aliased

from loyalty.kernel.db import db
from loyalty.programme.models import RuleTable
from loyalty.programme.rules.tables import Facts, TableNotFound, regions_for
from loyalty.staff.models import Account


@dataclass(frozen=True, slots=True)
class TableView:
    """A table in any state, for reading; names are None where nobody is."""

    id: int
    kind: str
    region: str
    number: int
    state: str
    valid_from: date | None
    valid_to: date | None
    source: str
    certainty: str
    remark: str
    rows: list[dict[str, Any]]
    author_id: int | None
    author: str | None
    approver: str | None
    loaded: bool
    created_at: datetime
    activated_at: datetime | None
    retired_at: datetime | None

    @property
    def facts(self) -> Facts:
        """What the table says."""
        return Facts(
            self.kind,
            self.region,
            self.valid_from,
            self.valid_to,
            self.source,
            self.certainty,
            self.remark,
            self.rows,
        )


def table(table_id: int) -> TableView:
    """Return one table; refused as not found when there is none."""
    for view in _views(RuleTable.id == table_id, limit=1):
        return view
    raise TableNotFound(table=table_id)


def tables_by_ids(ids: Collection[int]) -> dict[int, TableView]:
    """Return tables by their ids, those that are there."""
    return {view.id: view for view in _views(RuleTable.id.in_(ids), limit=len(ids))}


def tables(
    *, kind: str | None = None, region: str | None = None, before_id: int | None = None, limit: int = 100
) -> list[TableView]:
    """Return tables, newest first, of a kind or region or of all, those before `before_id`."""
    wanted = []
    if kind is not None:
        wanted.append(RuleTable.kind == kind)
    if region is not None:
        wanted.append(RuleTable.region == region)
    if before_id is not None:
        wanted.append(RuleTable.id < before_id)
    return _views(*wanted, limit=limit)


def rows_in_force(kind: str, region: str, day: date) -> TableView | None:
    """Return the table that holds in a region on a day, or None when none does.

    A table of the region itself comes before one of the whole mainland; among them the one that began last.
    """
    places = regions_for(region)
    own_first = case({place: index for index, place in enumerate(places)}, value=RuleTable.region)
    holds = and_(
        RuleTable.state == "active",
        RuleTable.kind == kind,
        RuleTable.region.in_(places),
        or_(RuleTable.valid_from.is_(None), RuleTable.valid_from <= day),
        or_(RuleTable.valid_to.is_(None), RuleTable.valid_to >= day),
    )
    found = _views(holds, limit=1, order=(own_first, RuleTable.valid_from.desc().nulls_last()))
    return found[0] if found else None


def table_before(facts: Facts) -> TableView | None:
    """Return the active table of the same kind and region that facts come after or replace, or None."""
    same = (RuleTable.state == "active", RuleTable.kind == facts.kind, RuleTable.region == facts.region)
    since_ever = RuleTable.valid_from.is_(None)
    begun = since_ever if facts.valid_from is None else or_(since_ever, RuleTable.valid_from <= facts.valid_from)
    found = _views(*same, begun, limit=1, order=(RuleTable.valid_from.desc().nulls_last(),))
    return found[0] if found else None


def active_with_start(facts: Facts) -> list[int]:
    """Return the active table that begins on the same day in the same place: its id, or nothing."""
    same = and_(
        RuleTable.state == "active",
        RuleTable.kind == facts.kind,
        RuleTable.region == facts.region,
        RuleTable.valid_from.is_not_distinct_from(facts.valid_from),
    )
    return list(db.session.scalars(select(RuleTable.id).where(same)))


def last_table_number(kind: str, region: str) -> int:
    """Return the highest number of a kind in a region, 0 when there is none."""
    numbers = select(func.max(RuleTable.number)).where(RuleTable.kind == kind, RuleTable.region == region)
    return db.session.scalar(numbers) or 0


def has_tables() -> bool:
    """Whether any table was ever written here."""
    return db.session.scalar(select(RuleTable.id).limit(1)) is not None


def _views(*wanted: Any, limit: int, order: Sequence[Any] = (text("rule_tables.id DESC"),)) -> list[TableView]:
    approver = aliased(Account)
    chosen = (
        select(
            RuleTable.id,
            RuleTable.kind,
            RuleTable.region,
            RuleTable.number,
            RuleTable.state,
            RuleTable.valid_from,
            RuleTable.valid_to,
            RuleTable.source,
            RuleTable.certainty,
            RuleTable.remark,
            RuleTable.rows,
            RuleTable.author_id,
            Account.name,
            approver.name,
            RuleTable.loaded_from.is_not(None),
            RuleTable.created_at,
            RuleTable.activated_at,
            RuleTable.retired_at,
        )
        .outerjoin(Account, Account.id == RuleTable.author_id)
        .outerjoin(approver, approver.id == RuleTable.approver_id)
        .where(*wanted)
        .order_by(*order)
        .limit(limit)
    )
    found: Iterable[Any] = db.session.execute(chosen)
    return [TableView(*row) for row in found]
