"""The ledger against a model that was written apart from it: hypothesis looks for a history on which they differ.

The model keeps lots in a list and knows nothing of postings, allocations or SQL. A short run belongs to every test
run; `LOYALTY_HYPOTHESIS=long` makes it 2,000 histories of 50 steps.
"""

import os
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from loyalty.kernel.actor import SYSTEM
from loyalty.points import queries, service
from loyalty.points.rules import CaptureAboveHold, NotEnoughPoints, ReturnAboveRedeemed
from tests.points.model import Model, split, usable_after_waking

LONG = os.environ.get("LOYALTY_HYPOTHESIS") == "long"
EXAMPLES, STEPS = (2000, 50) if LONG else (40, 30)


POINTS = st.integers(1, 120)
SHARES = st.sampled_from(["all", "one too many", "half", "one"])
DAYS = st.one_of(st.none(), st.integers(1, 12))
SALES = st.integers(1, 4)


def share_of(points, share):
    """An amount around a bound, so that both sides of it are met often."""
    return max(1, {"all": points, "one too many": points + 1, "half": points // 2, "one": 1}[share])


class Ledger(RuleBasedStateMachine):
    """One member's history, booked and modelled; the test gives a subclass the fixtures."""

    desk = clock = make_members = None
    models = Model
    histories = compared = 0

    @initialize()
    def begin(self):
        type(self).histories += 1
        self.member = self.make_members(1)[0]
        self.model = self.models()
        self.calls = 0
        self.award(100, 1, None, 6)

    def key(self):
        self.calls += 1
        return f"{self.member}-{self.calls}"

    def does(self, name, *arguments, **more):
        return getattr(service, name)(*arguments, **more, now=self.clock.now, by=SYSTEM)

    @rule(points=POINTS, sale=SALES, starts=DAYS, ends=DAYS)
    def award(self, points, sale, starts, ends):
        now = self.clock.now
        if starts is not None and ends is not None:
            ends += starts
        key = self.key()
        award = self.desk.award_of(self.member, points, sale=sale, starts=starts, ends=ends, key=key)
        self.does("award", [award, award])  # twice: one effect
        self.model.add(points, now, sale=sale, starts=award.available_from, ends=award.expires_at)

    @rule(share=SHARES, more=st.sampled_from([0, 0, 25]), sale=SALES, debt=st.sampled_from([True, True, False]))
    def take_back(self, share, more, sale, debt):
        points = share_of(usable_after_waking(self.model, self.clock.now), share) + more
        shortfall = "debt" if debt else "write_off"
        take = self.desk.take_of(self.member, points, sale=sale, key=self.key(), shortfall=shortfall)
        self.does("take_back", [take])
        self.does("take_back", [take])
        self.model.wake(self.clock.now)
        self.model.take(points, sale, self.clock.now, debt=debt)

    def refused_or(self, points, call):
        """Run the call; True when it was rightly refused for want of points, which keeps nothing."""
        would = usable_after_waking(self.model, self.clock.now)
        if points > would:
            with pytest.raises(NotEnoughPoints) as refusal:
                call()
            assert refusal.value.details["available"] == would
            return True
        call()
        self.model.wake(self.clock.now)
        return False

    @rule(share=SHARES)
    def redeem(self, share):
        key = self.key()
        points = share_of(usable_after_waking(self.model, self.clock.now), share)
        ask = self.desk.ask(self.member, points, key=key)
        if not self.refused_or(points, lambda: self.redeem_both_ways(ask)):
            self.model.redeemed[key] = self.model.spend(points, self.clock.now)

    def redeem_both_ways(self, ask):
        tried = self.does("redeem", ask, dry_run=True)
        assert self.does("redeem", ask) == tried

    @precondition(lambda self: self.model.redeemed)
    @rule(share=SHARES, data=st.data())
    def give_back(self, share, data):
        key = data.draw(st.sampled_from(sorted(self.model.redeemed)))
        cuts = self.model.redeemed[key]
        left = sum(part for _, part in cuts)
        points = share_of(left, share)
        ask = self.desk.ask(self.member, points, key=self.key())
        if points > left:
            with pytest.raises(ReturnAboveRedeemed):
                self.does("return_redemption", ask, key)
            return
        self.does("return_redemption", ask, key)
        self.model.wake(self.clock.now)
        back, rest = split(cuts[::-1], points)
        self.model.put_back(back, self.clock.now)
        self.model.redeemed[key] = rest[::-1]

    @rule(share=SHARES)
    def hold(self, share):
        key = self.key()
        points = share_of(usable_after_waking(self.model, self.clock.now), share)
        ask = self.desk.ask(self.member, points, key=key)
        if not self.refused_or(points, lambda: self.does("hold", ask)):
            self.model.reserved[key] = self.model.spend(points, self.clock.now)

    @precondition(lambda self: self.model.reserved)
    @rule(share=SHARES, data=st.data())
    def capture(self, share, data):
        key = data.draw(st.sampled_from(sorted(self.model.reserved)))
        cuts = self.model.reserved[key]
        points = share_of(sum(part for _, part in cuts), share)
        ask = self.desk.ask(self.member, points, key=self.key())
        if points > sum(part for _, part in cuts):
            with pytest.raises(CaptureAboveHold):
                self.does("capture", ask, key)
            return
        self.does("capture", ask, key)
        self.model.wake(self.clock.now)
        del self.model.reserved[key]
        self.model.redeemed[ask.key], rest = split(cuts, points)
        self.model.put_back(rest, self.clock.now)

    @precondition(lambda self: self.model.reserved)
    @rule(data=st.data())
    def release(self, data):
        key = data.draw(st.sampled_from(sorted(self.model.reserved)))
        self.does("release", self.desk.ask(self.member, 1, key=self.key()), key)
        self.model.wake(self.clock.now)
        self.model.put_back(self.model.reserved.pop(key), self.clock.now)

    @rule(points=st.integers(-60, 60).filter(bool), ends=DAYS)
    def adjust(self, points, ends):
        until = None if ends is None else self.clock.now + timedelta(days=ends)
        ask = self.desk.ask(self.member, points, key=self.key())
        if not self.refused_or(-points, lambda: self.does("adjust", ask, expires_at=until)):
            if points > 0:
                self.model.add(points, self.clock.now, ends=until)
            else:
                self.model.spend(-points, self.clock.now)

    @rule(hours=st.sampled_from([0, 23, 24, 25, 72]))
    def time_passes(self, hours):
        self.clock.advance(hours=hours)

    @rule()
    def night(self):
        self.does("activate_due", self.clock.now)
        self.does("expire_due", self.clock.now)
        self.model.wake(self.clock.now)

    @invariant()
    def agrees(self):
        if not hasattr(self, "member"):
            return
        type(self).compared += 1
        told = self.desk.figures(self.member)
        model, now = self.model, self.clock.now
        usable = usable_after_waking(model, now)
        ripe = sum(lot.left for lot in model.lots if lot.waiting and lot.starts <= now)
        live = sum(
            lot.left for lot in model.lots
            if lot.waiting and lot.starts <= now and (lot.ends is None or now < lot.ends)
        )  # fmt: skip
        debt = model.debt - min(model.debt, live)
        assert told == (usable, model.pending() - ripe, model.held(), debt)
        booked = self.desk.figures(self.member, as_of=now)  # what the ledger says before anybody looks
        assert booked == (model.available(now), model.pending(), model.held(), model.debt)

    def teardown(self):
        if hasattr(self, "member"):
            assert queries.audit(self.member) == []


class Forgiving(Model):
    """A model that is wrong: points that come do not pay a debt."""

    def pay(self, now):
        pass


@pytest.fixture
def differ(committed, desk, clock, make_members):
    """Return a function that looks for a history on which ledger and model differ; it gives the machine that looked."""

    def look(models=Model, examples=EXAMPLES, phases=tuple(Phase)):
        fixtures = {"desk": desk, "clock": clock, "make_members": staticmethod(make_members), "models": models}
        machine = type("LedgerHere", (Ledger,), fixtures)
        how = settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            phases=phases,
            deadline=None,
            derandomize=not LONG,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(machine, settings=how)
        return machine

    return look


@pytest.mark.timeout(10_800 if LONG else 300)
def test_the_ledger_does_what_the_model_does(differ, figure):
    looked = differ()

    figure("ledger against a model", f"histories of {STEPS} steps that agree", looked.histories, EXAMPLES)
    figure("ledger against a model", "times compared", looked.compared)
    assert queries.audit() == []


def test_a_model_that_is_wrong_in_one_thing_is_found(differ):
    """The negative control."""
    with pytest.raises(AssertionError):
        differ(Forgiving, examples=40, phases=[Phase.generate])
