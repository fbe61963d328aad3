"""A sale through a plain ORM, over the limit's tables: an object for each row, as such services are mostly written."""

import hashlib
import os
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask, Response, jsonify, request
from sqlalchemy import create_engine, func, select
from sqlalchemy.ext.automap import automap_base
from sqlalchemy.orm import Session

engine = create_engine(os.environ["LIMIT_URL"].replace("postgresql:", "postgresql+psycopg:"), pool_size=8)
mapped = automap_base()
mapped.prepare(autoload_with=engine)
engine.dispose(close=False)  # the workers connect for themselves
tables = mapped.classes
app = Flask(__name__)


@app.get("/healthz")
def health():
    return "ok"


@app.post("/api/v1/sales")
def record_sale():
    body = request.get_json()
    at = datetime.now(UTC)  # noqa: TID251 - the comparison has no edge above it
    token = hashlib.sha256(request.headers["Authorization"].removeprefix("Bearer ").encode()).digest()
    with Session(engine) as session, session.begin():
        client = session.get(tables.clients, token)
        if client is None or "sales.write" not in client.permissions:
            return jsonify(code="not_signed_in"), 401
        known = session.get(tables.sale_numbers, (body["source"], body["number"]))
        if known is not None:
            return jsonify(known.answer)
        return _record(session, client, body, at)


def _record(session: Session, client, body: dict, at: datetime) -> Response:
    store = session.get(tables.stores, body["store"])
    buyer = session.scalars(select(tables.customers).filter_by(number=body["customer"]["number"])).one()
    rule = session.scalars(select(tables.rules).filter_by(active=True)).one()
    account = session.get(tables.accounts, buyer.id, with_for_update=True)
    occurred = datetime.fromisoformat(body["occurred_at"])
    day = occurred.astimezone(ZoneInfo(store.zone)).date()
    net = body["lines"][0]["net"]["minor"]
    earned = net // rule.per_minor * rule.points
    sale = tables.sales(
        customer_id=buyer.id, store_id=store.id, kind=body["kind"], occurred_at=occurred, day=day, net=net
    )
    session.add(sale)
    session.flush()
    line = tables.sale_lines(customer_id=buyer.id, sale_id=sale.id, number=1, category="labour", quantity=1, net=net)
    key = f"sale:{sale.id}"
    entry = tables.transactions(
        customer_id=buyer.id, kind="earn", key=key, sale_id=sale.id, rule_version=rule.version, booked_at=at
    )
    session.add_all([line, entry])
    session.flush()
    for side, sign in (("member", 1), ("issued", -1)):
        session.add(tables.postings(customer_id=buyer.id, transaction_id=entry.id, side=side, points=sign * earned))
    ends = datetime(day.year + 2, 1, 1, tzinfo=ZoneInfo(store.zone))
    lot = tables.lots(customer_id=buyer.id, transaction_id=entry.id, points=earned, remaining=earned, expires_at=ends)
    session.add(lot)
    session.flush()
    session.add(tables.allocations(customer_id=buyer.id, transaction_id=entry.id, lot_id=lot.id, points=earned))
    account.available += earned
    account.level = _level(session, buyer.id, day, net)
    effect = {
        "kind": "points.earned",
        "message": f"{earned} points earned.",
        "numbers": {"points": earned, "available": account.available},
    }
    answer = {"id": sale.id, "number": body["number"], "state": "created", "effects": [effect]}
    session.add(tables.audit(at=at, actor=client.id, action="sales.record", subject=sale.id, after=body))
    session.add(
        tables.sale_numbers(
            source=body["source"],
            number=body["number"],
            customer_id=buyer.id,
            sale_id=sale.id,
            content_hash=hashlib.sha256(request.get_data()).digest(),
            answer=answer,
        )
    )
    return jsonify(answer)


def _level(session: Session, buyer_id: int, day: date, net: int) -> str:
    days = tables.tier_days
    today = session.get(days, (buyer_id, day))
    if today is None:
        session.add(days(customer_id=buyer_id, day=day, spend=net, visits=1))
    else:
        today.spend += net
    session.flush()
    window = select(func.sum(days.spend), func.count()).where(
        days.customer_id == buyer_id, days.day > day - timedelta(days=365), days.day <= day
    )
    spend, visits = session.execute(window).one()
    if spend >= 5_000_000 and visits >= 8:
        return "gold"
    return "silver" if spend >= 1_000_000 else "basic"
