"""The stores of the demo, and one account for every role."""

from datetime import datetime

from loyalty.kernel.actor import SYSTEM
from loyalty.staff.rules import FACTOR_ROLES, StoreDetails, code_of, step_at
from loyalty.staff.service import assign, create_account, create_store, set_factor

ZONE = "Asia/Shanghai"
PASSWORD = "Shanlu-Xingche-2026"  # noqa: S105 - the demo prints it; it opens nothing but the demo
SECRET = "SHANLUXINGCHE2KEYOFTHEDEMO234567"  # noqa: S105 - the second factor of the demo's accounts, shown like it

HOURS = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "09:00-18:00")
STORES = (("CD", "城东店", "020-00000001"), ("NH", "南海店", "0757-00000002"), ("PY", "番禺店", "020-00000003"))

# user name, name, role, store (None: every store)
PEOPLE = (
    ("lin.yue", "林悦", "care_agent", "CD"),
    ("xu.fei", "徐菲", "care_agent", "NH"),
    ("tang.lan", "唐岚", "care_agent", "PY"),
    ("chen.ke", "陈可", "service_advisor", "CD"),
    ("zhou.min", "周敏", "renewal_agent", "CD"),
    ("he.jia", "何佳", "claims_agent", "CD"),
    ("wu.qian", "吴倩", "front_desk", "CD"),
    ("zheng.kai", "郑凯", "finance", None),
    ("zhao.gang", "赵刚", "manager", None),
    ("feng.xue", "冯雪", "manager", "NH"),
    ("sun.hao", "孙浩", "administrator", None),
    ("qian.wen", "钱文", "auditor", None),
)


def open_stores(now: datetime) -> dict[str, int]:
    """Open the stores; return their ids by code."""
    return {
        code: create_store(
            code=code,
            name=name,
            zone=ZONE,
            details=StoreDetails(phone=phone, opening_hours=HOURS),
            now=now,
            by=SYSTEM,
        )
        for code, name, phone in STORES
    }


def hire(stores: dict[str, int], now: datetime) -> None:
    """Give every role to somebody, with the demo's second factor where the role asks for one."""
    for username, name, role, store in PEOPLE:
        account = create_account(username=username, name=name, password=PASSWORD, now=now, by=SYSTEM)
        assign(account, role, store_id=stores[store] if store else None, from_day=now.date(), now=now, by=SYSTEM)
        if role in FACTOR_ROLES:
            set_factor(account, SECRET, code_of(SECRET, step_at(now)), kept=None, now=now, by=SYSTEM)
