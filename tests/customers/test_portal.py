"""What owners see and decide of their own data."""

import json
from datetime import date, timedelta

import pytest

from loyalty.customers import queries, service
from loyalty.kernel.actor import EVERYTHING, SYSTEM, Actor
from loyalty.membership import queries as membership
from loyalty.points import queries as points
from loyalty.points import service as ledger
from loyalty.points.rules import Ask, Award
from tests.sales.conftest import VIN, a_line, a_sale


@pytest.fixture
def owner(rules, sell):
    return sell(a_sale("S-1", a_line(gross=300_000), customer="K-1", phone="13812345678", vin=VIN, plate="粤A0X12D"))


@pytest.fixture
def phone(client, app, monkeypatch, owner):
    """The owner's browser."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    actor = Actor("owner", owner, f"C-{owner:07d}", customer_id=owner)
    monkeypatch.setitem(app.extensions, "loyalty.actor_loaders", {"/my": lambda: actor})
    return client


@pytest.fixture
def give_pending(store, clock):
    """Award points that can be used later."""

    def give(customer_id, count):
        ledger.award(
            [
                Award(
                    key=f"later:{customer_id}",
                    customer_id=customer_id,
                    unit="points",
                    points=count,
                    source_kind="sale",
                    source_id=99,
                    source_number="L-1",
                    store_id=store,
                    occurred_at=clock.now,
                    business_day=clock.now.date(),
                    available_from=clock.now + timedelta(days=7),
                    expires_at=None,
                    policy_version_id=None,
                    reason="",
                )
            ],
            now=clock.now,
            by=SYSTEM,
        )

    return give


def test_the_profile_shows_and_changes_what_is_theirs_to_change(phone, owner):
    page = phone.get("/my/profile").text
    form = {"gender": "female", "birthday": "1988-02-29", "lunar": "1", "language": "en", "email": "w@example.com"}
    saved = phone.post("/my/profile", data=form | {"name": "李四", "state": "closed"})

    card = queries.card(owner, EVERYTHING)
    assert "138****5678" in page
    assert saved.status_code == 303
    assert (card.customer.gender, card.birthday, card.lunar, card.language) == ("female", date(1988, 2, 29), True, "en")
    assert [one.kind for one in card.identifiers] == ["phone", "email"]
    assert (card.customer.name, card.customer.state) == ("王建国", "active")  # not theirs to change


def test_a_birthday_in_the_future_is_told_at_its_field(phone, owner):
    answer = phone.post("/my/profile", data={"birthday": "2030-01-01", "language": "en"})

    assert answer.status_code == 422
    assert 'id="f-birthday-error"' in answer.text
    assert queries.card(owner, EVERYTHING).language == "zh_Hans_CN"


def test_every_choice_by_purpose_and_channel_and_withdrawn_as_easily(phone, owner):
    phone.post("/my/consents", data={"marketing-sms": "yes", "service-wechat": "yes"})
    phone.post("/my/consents", data={"marketing-sms": "no"})

    state = queries.consents(owner)
    assert {pair: event.granted for pair, event in state.items()} == {
        ("marketing", "sms"): False,
        ("service", "wechat"): True,
    }
    assert {event.by for event in state.values()} == {f"C-{owner:07d}"}
    assert phone.get("/my/consents").status_code == 200


def test_the_copy_is_theirs_to_take(phone, owner):
    file = json.loads(phone.post("/my/copy/file").text)
    page = phone.post("/my/copy/print").text

    assert file["person"][0]["number"] == f"C-{owner:07d}"
    assert "+8613812345678" in page


def test_the_request_to_be_forgotten_waits_at_the_store(phone, owner):
    phone.post("/my/erasure")
    phone.post("/my/erasure")
    page = phone.get("/my/privacy").text

    assert queries.open_request(owner).asked_kind == "owner"
    assert "/my/erasure/withdraw" in page
    phone.post("/my/erasure/withdraw")
    assert queries.open_request(owner) is None


def test_closing_tells_what_lapses_before_and_then_does_it(phone, owner, clock):
    early = phone.get("/my/close").text
    check = phone.post("/my/close/check").text
    before = points.balance(owner, now=clock.now).available
    phone.post("/my/close")

    assert "3,000" not in early
    assert "3,000 积分失效" in check
    assert before == 3_000
    assert points.balance(owner, now=clock.now).available == 0
    assert queries.customer(owner, EVERYTHING).state == "closed"
    assert membership.member_of(owner, EVERYTHING).state == "closed"
    assert points.audit() == []
    assert queries.customer_ids_by_phone("+8613812345678") == []


def test_points_that_wait_are_cancelled_by_closing(owner, store, clock, give_pending):
    give_pending(owner, 700)

    effects = service.close_account(owner, scope=EVERYTHING, now=clock.now, by=SYSTEM)

    assert [dict(one.numbers) for one in effects if one.kind == "points.lapsed"] == [{"points": 3_700}]
    assert points.audit() == []


def test_reserved_points_keep_the_account_open(phone, owner, store, clock):
    ledger.hold(Ask(owner, 100, "H1", store, "order"), now=clock.now, by=SYSTEM)

    answer = phone.post("/my/close")

    assert answer.status_code == 409
    assert "100 积分已为订单预留" in answer.text
    assert queries.customer(owner, EVERYTHING).state == "active"


def test_the_cars_with_mileage_and_visits(phone, owner):
    [held] = queries.vehicles_of(owner)

    listed = phone.get("/my/cars").text
    page = phone.get(f"/my/cars/{held.vehicle.id}").text

    assert "粤A·0X12D" in listed
    assert VIN in page
    assert "3,000.00" in page


def test_somebody_else_s_car_is_like_a_missing_one(phone, owner, sell):
    other = sell(a_sale("T-1", customer="K-2", vin="LFV2A21K8G4012345"))
    [held] = queries.vehicles_of(other)

    assert [phone.get(f"/my/cars/{at}").status_code for at in (held.vehicle.id, 999_999)] == [404, 404]


def test_the_privacy_notice_is_open_and_the_rights_are_the_owner_s(client, app, monkeypatch, owner):
    monkeypatch.setitem(app.extensions, "loyalty.actor_loaders", {"/my": lambda: None})

    page = client.get("/my/privacy")

    assert page.status_code == 200
    assert "/my/erasure" not in page.text
    assert client.get("/my/consents").status_code in {302, 303}
