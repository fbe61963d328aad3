from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from loyalty.customers.queries import timeline
from loyalty.kernel.actor import EVERYTHING, SYSTEM, Scope
from loyalty.membership import queries, service
from loyalty.membership.models import Member
from loyalty.membership.rules import (
    AdjustmentAboveLimit,
    AlreadyMember,
    MemberNotFound,
    Newcomer,
    NotActive,
    NotThatState,
    Use,
    number_of,
)
from loyalty.points.queries import accounts_of, balance
from loyalty.points.rules import NotEnoughPoints
from loyalty.staff.models import AuditRow
from loyalty.tiers.queries import standing


def usable(member, clock):
    return balance(member.customer_id, now=clock.now).available


def audited(session, action):
    return session.scalar(select(func.count()).select_from(AuditRow).where(AuditRow.action == action))


def test_enrolling_gives_accounts_a_standing_and_a_line_in_the_timeline(make_member, db_session, clock):
    member = make_member()

    assert accounts_of([member.customer_id], "points") == {member.customer_id}
    assert accounts_of([member.customer_id], "growth") == {member.customer_id}
    assert standing(member.customer_id).joined_day == date(2026, 3, 12)
    assert [row.kind for row in timeline(member.customer_id).items if row.kind == "member"] == ["member"]
    assert audited(db_session, "member.enrolled") == 1


def test_enrolling_again_changes_nothing(make_member, store, db_session, clock):
    member = make_member()
    again = Newcomer(member.customer_id, store, clock.now + timedelta(days=3), date(2026, 3, 15))

    effects = service.enrol([again], now=clock.now, by=SYSTEM)

    assert effects == []
    assert queries.member(member.number, EVERYTHING).joined_day == date(2026, 3, 12)
    assert audited(db_session, "member.enrolled") == 1


def test_many_are_enrolled_with_as_many_statements_as_one(make_customer, rules, store, clock, db_session, statements):
    day = date(2026, 3, 12)
    newcomers = [Newcomer(make_customer(), store, clock.now, day) for _ in range(41)]

    with statements() as few:
        service.enrol(newcomers[:1], now=clock.now, by=SYSTEM)
    with statements() as many:
        effects = service.enrol(newcomers[1:], now=clock.now, by=SYSTEM)

    assert len(effects) == 40
    assert len(many) <= len(few)


def test_a_member_is_refused_by_hand_with_the_number(make_member, store, clock):
    member = make_member()

    with pytest.raises(AlreadyMember) as refused:
        service.enrol_by_hand(
            Newcomer(member.customer_id, store, clock.now, date(2026, 3, 12)), now=clock.now, by=SYSTEM
        )

    assert refused.value.details["number"].replace(" ", "") == member.number


def test_who_left_comes_back_under_the_same_number(make_member, store, here, clock):
    member = make_member()
    service.close(member.number, "搬家", scope=here, now=clock.now, by=SYSTEM)

    service.enrol_by_hand(Newcomer(member.customer_id, store, clock.now, date(2026, 3, 12)), now=clock.now, by=SYSTEM)

    back = queries.member(member.number, here)
    assert (back.state, back.state_reason, back.number) == ("active", None, member.number)


def test_a_state_changes_with_its_reason_and_is_audited(make_member, here, agent, clock, db_session):
    member = make_member()

    service.suspend(member.number, "重复兑换待查", scope=here, now=clock.now, by=agent)

    view = queries.member(member.number, here)
    assert (view.state, view.state_reason) == ("suspended", "重复兑换待查")
    assert audited(db_session, "member.suspended") == 1
    with pytest.raises(NotThatState):
        service.suspend(member.number, "again", scope=here, now=clock.now, by=agent)
    service.resume(member.number, scope=here, now=clock.now, by=agent)
    assert queries.member(member.number, here).state == "active"


def test_a_member_of_another_store_is_not_found(make_member, far_store, here, agent, clock):
    far = make_member(home=far_store, points=500)

    for act in (
        lambda: queries.member(far.number, here),
        lambda: service.suspend(far.number, "x", scope=here, now=clock.now, by=agent),
        lambda: service.redeem(Use(far.number, 1), scope=here, now=clock.now, by=agent),
        lambda: service.adjust(Use(far.number, 1, "x"), scope=here, now=clock.now, by=agent),
        lambda: queries.summary(far.number, here, now=clock.now),
        lambda: queries.card(far.number, here, now=clock.now),
    ):
        with pytest.raises(MemberNotFound):
            act()
    assert usable(far, clock) == 500


def test_the_store_of_a_use_must_be_one_of_the_actors(member, far_store, here, agent, clock):
    with pytest.raises(Exception, match="store"):
        service.redeem(Use(member.number, 1, store_id=far_store), scope=here, now=clock.now, by=agent)

    assert usable(member, clock) == 8420


def test_redeeming_takes_points_and_tells_it(member, here, agent, clock):
    receipt = service.redeem(Use(member.number, 420, "精洗"), scope=here, now=clock.now, by=agent)

    assert (receipt.points, receipt.available) == (420, 8000)
    assert usable(member, clock) == 8000
    assert "points" in {row.kind for row in timeline(member.customer_id).items}


def test_a_dry_run_answers_the_same_and_writes_nothing(member, here, agent, clock, db_session):
    use = Use(member.number, 420, "精洗")

    tried = service.redeem(use, scope=here, now=clock.now, by=agent, dry_run=True)
    before = usable(member, clock)
    done = service.redeem(use, scope=here, now=clock.now, by=agent)

    assert before == 8420
    assert replace(tried, key="") == replace(done, key="")
    assert audited(db_session, "points.redeem") == 1


def test_more_than_there_is_is_refused_with_what_there_is(member, here, agent, clock):
    with pytest.raises(NotEnoughPoints) as refused:
        service.redeem(Use(member.number, 8421), scope=here, now=clock.now, by=agent)

    assert refused.value.details == {"available": 8420, "asked": 8421}


def test_a_suspended_member_uses_nothing(member, here, agent, clock):
    service.suspend(member.number, "待查", scope=here, now=clock.now, by=agent)

    with pytest.raises(NotActive):
        service.redeem(Use(member.number, 1), scope=here, now=clock.now, by=agent)

    assert usable(member, clock) == 8420


def test_a_redemption_goes_back_by_its_key(member, here, agent, clock):
    receipt = service.redeem(Use(member.number, 420), scope=here, now=clock.now, by=agent)

    back = service.return_redemption(
        Use(member.number, 400, "未使用"), receipt.key, scope=here, now=clock.now, by=agent
    )

    assert back.available == 8400


def test_adjustments_reach_the_limit_and_no_further(member, here, agent, clock):
    service.adjust(Use(member.number, 600, "补积分"), scope=here, now=clock.now, by=agent)
    service.adjust(Use(member.number, -400, "补多了"), scope=here, now=clock.now, by=agent)

    with pytest.raises(AdjustmentAboveLimit) as refused:
        service.adjust(Use(member.number, 1, "再补"), scope=here, now=clock.now, by=agent)

    assert refused.value.details == {"limit": 1000, "before": 1000, "asked": 1}
    assert usable(member, clock) == 8620


def test_the_limit_counts_for_each_person_and_for_a_day(member, here, agent, clock):
    service.adjust(Use(member.number, 1000, "补积分"), scope=here, now=clock.now, by=agent)

    service.adjust(Use(member.number, 1000, "补积分"), scope=here, now=clock.now, by=replace(agent, id=2))
    clock.advance(hours=24)
    service.adjust(Use(member.number, 1000, "补积分"), scope=here, now=clock.now, by=agent)

    assert usable(member, clock) == 11_420


def test_adjusted_points_end_as_the_programme_says(member, here, agent, clock, store):
    service.adjust(Use(member.number, 100, "补积分"), scope=here, now=clock.now, by=agent)

    assert balance(member.customer_id, now=clock.now).next_end_points == 100


def test_points_move_between_members_of_the_same_stores(member, make_member, here, agent, clock):
    other = make_member("李梅")

    service.transfer(Use(member.number, 20, "夫妻合并"), other.number, scope=here, now=clock.now, by=agent)

    assert (usable(member, clock), usable(other, clock)) == (8400, 20)


def test_points_move_to_nobody_outside_the_walls(member, make_member, far_store, here, agent, clock):
    far = make_member("李梅", home=far_store)

    with pytest.raises(MemberNotFound):
        service.transfer(Use(member.number, 20, "x"), far.number, scope=here, now=clock.now, by=agent)

    assert (usable(member, clock), usable(far, clock)) == (8420, 0)


def test_members_are_listed_newest_first_page_by_page(make_member, clock, here):
    made = []
    for _ in range(5):
        made.append(make_member().customer_id)
        clock.advance(minutes=1)

    first = queries.listed(queries.Filter(), here, limit=2)
    second = queries.listed(queries.Filter(), here, limit=2, cursor=first.next_cursor)
    third = queries.listed(queries.Filter(), here, limit=2, cursor=second.next_cursor)

    assert [row.customer_id for page in (first, second, third) for row in page.items] == made[::-1]
    assert third.next_cursor is None


def test_a_list_keeps_to_the_filter_and_the_walls(make_member, far_store, here, clock, agent):
    one, two, far = make_member(), make_member(), make_member(home=far_store)
    service.suspend(two.number, "待查", scope=here, now=clock.now, by=agent)

    def listed(scope=here, **wanted):
        return {row.customer_id for row in queries.listed(queries.Filter(**wanted), scope).items}

    assert listed() == {one.customer_id, two.customer_id}
    assert listed(EVERYTHING) == {one.customer_id, two.customer_id, far.customer_id}
    assert listed(state="suspended") == {two.customer_id}
    assert listed(level_code="gold") == set()
    assert listed(level_code="basic") == {one.customer_id, two.customer_id}
    assert listed(Scope(stores=frozenset())) == set()


def test_a_state_without_its_reason_is_refused_by_the_database(make_member, db_session):
    member = make_member()
    row = db_session.get(Member, member.customer_id)
    row.state = "suspended"

    with pytest.raises(Exception, match="state_reason"):
        db_session.flush()
    db_session.rollback()


def test_numbers_follow_from_customers(make_member):
    member = make_member()

    assert queries.member(member.number, EVERYTHING).number == number_of(member.customer_id)
