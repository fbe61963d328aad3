"""What waits for a second person when the demo opens: an adjustment, a level, and a version of the rules."""

from datetime import datetime, timedelta

from loyalty.kernel.actor import EVERYTHING, Actor, Scope
from loyalty.membership import queries as members
from loyalty.membership import service as membership
from loyalty.membership.rules import Use
from loyalty.programme import queries as programme
from loyalty.programme import service as rules
from loyalty.staff.queries import account_id
from loyalty.staff.rules import PERMISSIONS


def ask_for_approvals(store_id: int, now: datetime) -> None:
    """Let the manager of a store and the administrator ask; the manager of all stores finds it in the approvals."""
    there = Scope(stores=frozenset({store_id}))
    manager, administrator = _actor("feng.xue", "冯雪"), _actor("sun.hao", "孙浩")
    first, second, *_ = members.listed(members.Filter(store_id=store_id, state="active"), EVERYTHING).items
    adjustment = Use(first.number, 3_000, "去年自驾游活动的积分漏登记")
    membership.ask_to_adjust(adjustment, scope=there, now=now - timedelta(hours=5), by=manager)
    until = (now + timedelta(days=365)).date()
    membership.ask_for_level(
        second.number, "gold", until=until, reason="集团大客户的车队负责人", scope=there, now=now, by=manager
    )
    present = programme.in_force("expiry", now)
    if present is not None:
        body = {**present.body, "months": int(present.body.get("months", 24)) + 12, "mode": "months"}
        version = rules.draft("expiry", body, now=now, by=administrator)
        rules.submit(version, note="车主希望积分多用一年", now=now, by=administrator)


def _actor(username: str, name: str) -> Actor:
    return Actor("staff", account_id(username), name, dict.fromkeys(PERMISSIONS))
