"""What membership announces to the features above it."""

import pytest

from loyalty.kernel import events
from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.effects import Effect
from loyalty.membership import service
from loyalty.membership.events import MemberChanged, MemberEnrolled
from loyalty.membership.rules import Newcomer


@pytest.fixture
def heard(monkeypatch):
    """The batches that were announced."""
    batches = []

    def hear(batch, *, now, by):
        batches.append(batch)
        return [Effect("test.heard", "Heard by {by} at {now}.", {"by": by.name, "now": now.isoformat()})]

    wired = {**events._wires.by_type, MemberEnrolled: (hear,), MemberChanged: (hear,)}
    monkeypatch.setattr(events._wires, "by_type", wired)
    return batches


def test_all_who_are_enrolled_at_once_are_announced_in_one_batch(heard, rules, make_customer, store, clock):
    customers = [make_customer() for _ in range(3)]
    newcomers = [Newcomer(one, store, clock.now, clock.now.date()) for one in customers]

    effects = service.enrol(newcomers, now=clock.now, by=SYSTEM)
    again = service.enrol(newcomers, now=clock.now, by=SYSTEM)

    assert [[one.customer_id for one in batch] for batch in heard] == [customers]
    assert [effect.kind for effect in effects].count("test.heard") == 1
    assert again == []


def test_each_change_of_a_membership_is_announced(member, heard, here, agent, clock, store):
    how = {"scope": here, "now": clock.now, "by": agent}

    service.suspend(member.number, "待查", **how)
    service.resume(member.number, **how)
    effects = service.close(member.number, "本人要求", **how)
    newcomer = Newcomer(member.customer_id, store, clock.now, clock.now.date())
    service.enrol_by_hand(newcomer, now=clock.now, by=agent)

    assert [(one.before, one.after) for (one,) in heard] == [
        ("active", "suspended"),
        ("suspended", "active"),
        ("active", "closed"),
        ("closed", "active"),
    ]
    assert [effect.kind for effect in effects] == ["membership.closed", "test.heard"]
