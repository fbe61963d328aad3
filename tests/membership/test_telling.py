"""What members are told by message: points that end soon, and levels they reached; once, and not for history."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from jobs.schedule import STEPS
from loyalty.kernel.actor import SYSTEM, Actor
from loyalty.kernel.clock import midnight
from loyalty.kernel.db import db
from loyalty.membership import service
from loyalty.membership.rules import is_news, lead_due
from loyalty.messaging.sealed import open_body
from loyalty.messaging.service import ensure_texts, set_retired
from loyalty.points.queries import audit
from loyalty.programme.service import load_file
from loyalty.staff.service import create_account
from loyalty.tiers.service import approve_floor, review, set_floor
from tests.earning.counter import Counter
from tests.membership.conftest import ZONE, give, programme
from tests.tiers.schemes import cny_scheme

NIGHT = next(step for step in STEPS if step.name == "lapse-notices")
TODAY = date(2026, 3, 12)


@pytest.fixture
def expiry():
    """What the policy says beside the usual; parametrize it for another one."""
    return {}


@pytest.fixture
def rules(db_session, clock, expiry):
    load_file(programme(expiry={"mode": "months", "months": 24, **expiry}), now=clock.now, by=SYSTEM)


@pytest.fixture
def texts(db_session, clock):
    clock.set(midnight(TODAY, ZONE) + timedelta(hours=2))
    ensure_texts(now=clock.now)


@pytest.fixture
def night(clock, texts):
    """Run the step of the night that began today, or `days` later."""

    def run(*, days=0, dry_run=False):
        clock.set(midnight(TODAY + timedelta(days=days), ZONE) + timedelta(hours=2))
        day = TODAY + timedelta(days=days - 1)
        return NIGHT.run(day, zone=ZONE, dry_run=dry_run, now=clock.now)

    return run


def messages():
    """Each message: who, key, when it is due."""
    found = db.session.execute(text("SELECT customer_id, dedupe_key, due_at, about_kind FROM messages ORDER BY id"))
    return [tuple(row) for row in found]


def keys():
    return [key.split(":", 2)[2] for _, key, _, _ in messages()]


@pytest.mark.parametrize(
    ("left", "leads", "told"),
    [
        (31, (30, 7), None),
        (30, (30, 7), 30),
        (29, (30, 7), 30),
        (8, (30, 7), 30),
        (7, (30, 7), 7),
        (0, (30, 7), 7),
        (-1, (30, 7), None),
        (5, (), None),
    ],
)
def test_points_are_told_of_under_the_shortest_lead_that_has_come(left, leads, told):
    assert lead_due(TODAY + timedelta(days=left), TODAY, leads) == told


def test_a_level_is_news_for_seven_days():
    assert is_news(TODAY - timedelta(days=7), TODAY)
    assert not is_news(TODAY - timedelta(days=8), TODAY)


def test_members_are_told_once_on_the_day_that_the_policy_says(make_member, store, clock, night):
    member = make_member()
    give(member.customer_id, 8_420, store, clock, number="R-1", ends=None)
    _lot(member, 8_420, last_day=TODAY + timedelta(days=31), store=store, clock=clock)

    assert night() == {"messages": 0, "points": 0}
    assert night(days=1, dry_run=True) == {"messages": 1, "points": 8_420}
    assert messages() == []
    assert night(days=1) == {"messages": 1, "points": 8_420}
    assert night(days=1) == night(days=2) == {"messages": 0, "points": 0}

    ((who, key, due_at, about),) = messages()
    assert (who, about) == (member.customer_id, "points")
    assert key.endswith(":lapse:2026-04-12:30")
    assert due_at == datetime(2026, 3, 13, 2, tzinfo=UTC)  # ten o'clock in the store


@pytest.mark.parametrize("expiry", [{"remind_days": 30, "remind_again_days": 7}])
def test_a_missed_night_is_made_good_by_the_next_and_by_one_message(make_member, store, clock, night):
    member = make_member()
    _lot(member, 500, last_day=TODAY + timedelta(days=4), store=store, clock=clock)

    night()
    night(days=3)

    assert keys() == ["lapse:2026-03-16:7"]


def test_points_that_end_on_one_day_are_one_message_and_on_two_days_two(make_member, store, clock, night):
    member, other = make_member(), make_member("李秀英")
    for number, (points, day) in enumerate(((100, 20), (50, 20), (30, 21))):
        _lot(member, points, last_day=TODAY + timedelta(days=day), store=store, clock=clock, number=f"R-{number}")
    _lot(other, 7, last_day=TODAY + timedelta(days=20), store=store, clock=clock)

    assert night() == {"messages": 3, "points": 187}

    assert sorted(keys()) == ["lapse:2026-04-01:30", "lapse:2026-04-01:30", "lapse:2026-04-02:30"]
    assert audit() == []


def test_a_suspended_member_and_points_that_are_gone_are_not_told_of(make_member, store, clock, night, agent, here):
    suspended, spender = make_member(), make_member("李秀英")
    for member in (suspended, spender):
        _lot(member, 100, last_day=TODAY + timedelta(days=20), store=store, clock=clock)
    service.suspend(suspended.number, "借用", scope=here, now=clock.now, by=agent)
    db.session.execute(
        text("UPDATE points_lots SET remaining = 0, state = 'exhausted' WHERE customer_id = :id"),
        {"id": spender.customer_id},
    )

    assert night() == {"messages": 0, "points": 0}


@pytest.mark.parametrize("expiry", [{}, {"remind_days": 0}])
def test_the_dealer_can_do_without(make_member, store, clock, night, expiry):
    member = make_member()
    _lot(member, 100, last_day=TODAY + timedelta(days=20), store=store, clock=clock)
    if not expiry:
        set_retired("points-lapse-soon", retired=True, now=clock.now, by=SYSTEM)

    report = night()

    assert (report["messages"], messages()) == (0, [])
    assert ("passed_over" in report) == (not expiry)


def _lot(member, points, *, last_day, store, clock, number="R-9"):
    """Give points that can be used through a day."""
    give(member.customer_id, points, store, clock, number=number)
    ends = midnight(last_day + timedelta(days=1), ZONE)
    told = {"id": member.customer_id, "ends": ends}
    db.session.execute(
        text("""UPDATE points_lots SET expires_at = :ends WHERE customer_id = :id
                AND id = (SELECT max(id) FROM points_lots WHERE customer_id = :id)"""),
        told,
    )


@pytest.fixture
def club(texts, clock):
    """A store whose sales make members of buyers and lift them."""
    counter = Counter(clock)
    scheme = cny_scheme()
    named = [{**one, "name": {"zh": f"{one['name']['en']}级", "en": one["name"]["en"]}} for one in scheme["levels"]]
    counter.load(tiers={**scheme, "levels": named}, membership={"enrol": "first_sale"})
    return counter


@pytest.mark.parametrize(("language", "level"), [("zh_Hans_CN", "Silver级"), ("en", "a Silver member")])
def test_who_rises_is_told_of_the_level_in_the_own_language(club, language, level):
    club.customers("K1")
    db.session.execute(text("UPDATE customers SET language = :language"), {"language": language})

    effects = club.sell("S1", gross=5_000, day="2026-03-11")

    ((who, key, _, about),) = messages()
    assert (about, key) == ("tier", f"tier:{who}:up:2026-03-11:silver")
    body = db.session.execute(text("SELECT body_sealed FROM messages")).scalar_one()
    assert level in open_body(key, body).text
    told = next(one for one in effects if one.kind == "membership.told")
    assert (told.customer_id, told.numbers["level_code"]) == (who, "silver")


def test_several_levels_at_once_are_one_message_and_a_sale_that_lifts_nobody_none(club):
    club.record(club.fact("S1", gross=5_000, day="2026-03-10"), club.fact("S2", gross=900_000, day="2026-03-11"))
    before = messages()

    club.sell("S3", gross=100, day="2026-03-11")

    assert [key.rsplit(":", 1)[1] for _, key, _, _ in before] == [before[0][1].rsplit(":", 1)[1]]
    assert messages() == before


def test_history_and_the_same_rise_again_send_nothing(club):
    club.sell("S1", gross=5_000, day="2026-03-03")
    assert messages() == []

    club.sell("S2", gross=1, day="2026-03-04", customer="K2")
    assert messages() == []


def test_without_a_text_the_level_is_reached_all_the_same(club, clock):
    set_retired("tier-up", retired=True, now=clock.now, by=SYSTEM)

    effects = club.sell("S1", gross=5_000, day="2026-03-11")

    assert "tiers.risen" in [one.kind for one in effects]
    assert messages() == []


def test_a_level_given_by_hand_is_told_of_when_the_second_person_agrees(club, clock):
    club.sell("S0", gross=1, day="2026-03-11")
    (member,) = club.customers("K1")
    people = [Actor("staff", _account(name, clock), name, {}) for name in ("a-one", "b-two")]
    until = TODAY + timedelta(days=90)
    floor = set_floor(member, "gold", until=until, reason="VIP", today=TODAY, now=clock.now, by=people[0])
    assert messages() == []

    approve_floor(member, floor, today=TODAY, now=clock.now, by=people[1])

    assert [key for _, key, _, _ in messages()] == [f"tier:{member}:up:2026-03-12:gold"]


def test_a_review_that_is_only_tried_plans_nothing(club, clock):
    club.sell("S1", gross=5_000, day="2026-03-11")
    db.session.execute(text("DELETE FROM messages"))
    db.session.execute(text("UPDATE tier_standings SET level_code = 'basic', settled_day = '2026-03-01'"))

    review(TODAY - timedelta(days=1), dry_run=True, now=clock.now, by=SYSTEM)
    assert messages() == []
    review(TODAY - timedelta(days=1), dry_run=False, now=clock.now, by=SYSTEM)

    assert len(messages()) == 1


def _account(name, clock):
    words = {"username": name, "name": name, "password": "long enough 2026"}
    return create_account(**words, now=clock.now, by=SYSTEM)
