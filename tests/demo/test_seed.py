"""The demo's dealer group is written through the real services, so it must stand up to the real checks."""

from datetime import date
from random import Random

import pytest
from sqlalchemy import func, select

from loyalty.appointments.models import Appointment
from loyalty.approvals import queries as approvals
from loyalty.cli.demo import history
from loyalty.cli.demo.people import owners
from loyalty.cli.demo.seed import OWNERS, SEED, sample_owners, write
from loyalty.cli.demo.staff import PEOPLE, STORES
from loyalty.customers.models import Customer, Vehicle
from loyalty.customers.rules import normal_plate, normal_vin, vin_checks
from loyalty.kernel.actor import EVERYTHING
from loyalty.points.queries import audit
from loyalty.staff.queries import account_id, stores
from loyalty.staff.rules import ROLES
from loyalty.tasks import queries as tasks
from loyalty.tasks.models import TaskAttempt
from loyalty.tiers.models import TierStanding


@pytest.mark.timeout(300)
def test_two_years_of_a_dealer_group_stand_up_to_the_audit(db_session, clock):
    write(clock.now)

    assert audit() == []
    assert [store.code for store in stores(EVERYTHING)] == [code for code, _, _ in STORES]
    assert db_session.scalar(select(func.count()).select_from(Customer)) == OWNERS
    assert db_session.scalar(select(func.count()).select_from(Vehicle)) >= OWNERS * 0.9
    levels = set(db_session.scalars(select(TierStanding.level_code).distinct()))
    assert levels >= {"basic", "silver", "gold", "platinum"}
    assert len(sample_owners()) >= 3
    waiting = approvals.listed(approvals.Filter(state="waiting"), EVERYTHING).items
    assert {view.request.kind for view in waiting} == {"points_adjustment", "tier_floor", "programme_version"}
    days = tasks.days_of(EVERYTHING, clock.now)
    agent = account_id("lin.yue")
    told = tasks.counts(tasks.Filter(owner=agent), days, now=clock.now)
    assert told.due >= 5
    assert told.done >= 1
    assert db_session.scalar(select(func.count()).select_from(TaskAttempt)) >= 20
    assert set(db_session.scalars(select(Appointment.state).distinct())) >= {"asked", "confirmed", "kept", "missed"}


def test_every_role_has_somebody():
    assert {role for _, _, role, _ in PEOPLE} == set(ROLES)


def test_the_same_seed_invents_the_same_history_with_cars_that_could_be():
    def invented():
        random = Random(SEED)
        people = list(owners(random, 40, 3))
        return history.sales(random, people, ["CD", "NH", "PY"], date(2026, 3, 12))

    told = invented()

    assert told == invented()
    assert len({sale.number for sale in told}) == len(told)
    for sale in told:
        assert vin_checks(normal_vin(sale.vehicle.vin))
        assert normal_plate(sale.vehicle.plate) == sale.vehicle.plate
