"""Households of people and cars, companies with drivers, vehicles by plate, and numbers of members."""

from datetime import UTC, date, datetime

import pytest

from loyalty.customers import queries, service
from loyalty.customers.rules import (
    CompanyInHousehold,
    EndBeforeBegin,
    HoldingNotFound,
    HoldsAlready,
    HouseholdNotFound,
    InAHousehold,
    NotInHousehold,
    VehicleDraft,
)
from loyalty.kernel.actor import EVERYTHING, SYSTEM
from loyalty.kernel.clock import day_at
from loyalty.membership.rules import number_of, shown
from loyalty.staff.service import create_store
from tests.sales.conftest import OTHER_VIN, VIN

DAY = date(2026, 3, 12)


@pytest.fixture
def what(clock):
    return {"day": DAY, "scope": EVERYTHING, "now": clock.now, "by": SYSTEM}


@pytest.fixture
def family(make_customer, what):
    """Two people in one household, a car each."""
    first, second = make_customer("王建国"), make_customer("李雷")
    household = service.start_household(first, "王家", **what)
    service.join_household(household, second, **what)
    service.add_vehicle(first, VehicleDraft(VIN, "粤A0X12D"), **what)
    service.add_vehicle(second, VehicleDraft(OTHER_VIN), **what)
    return household, first, second


def test_the_cars_of_its_people_are_the_cars_of_the_household(family):
    household, first, second = family

    view = queries.household(household, EVERYTHING)

    assert [person.customer.id for person in view.present] == [first, second]
    assert {car.holder.id for car in view.cars} == {first, second}


def test_who_left_is_remembered_with_the_days_and_takes_the_cars_along(family, what):
    household, first, second = family

    service.leave_household(second, **what | {"day": date(2026, 4, 1)})
    view = queries.household(household, EVERYTHING)

    assert [(one.customer.id, one.until_day) for one in view.people] == [(first, None), (second, date(2026, 4, 1))]
    assert {car.holder.id for car in view.cars} == {first}
    with pytest.raises(NotInHousehold):
        service.leave_household(second, **what)


def test_one_belongs_to_one_household_and_companies_to_none(family, make_customer, what):
    _, first, second = family
    company = make_customer("广州物流有限公司", kind="company")

    with pytest.raises(InAHousehold):
        service.start_household(second, "李家", **what)
    with pytest.raises(CompanyInHousehold):
        service.start_household(company, "物流", **what)
    with pytest.raises(EndBeforeBegin):
        service.leave_household(first, **what | {"day": date(2026, 3, 11)})


def test_a_household_of_a_far_store_is_like_a_missing_one(make_customer, far_store, here, what):
    far = service.start_household(make_customer("王建国", home=far_store), "远", **what)

    for household in (far, 999):
        with pytest.raises(HouseholdNotFound):
            queries.household(household, here)


def test_a_company_shows_its_drivers(make_customer, what):
    company, driver = make_customer("广州物流有限公司", kind="company"), make_customer("李雷")
    car = service.add_vehicle(company, VehicleDraft(VIN, "粤A0X12D"), **what)

    service.add_holder(car, driver, "driver", **what)

    [shown_car] = queries.drivers_of(company, EVERYTHING)
    assert (shown_car.holder.id, shown_car.role, shown_car.vehicle.id) == (driver, "driver", car)
    with pytest.raises(HoldsAlready):
        service.add_holder(car, driver, "payer", **what)
    service.end_holder(car, driver, **what)
    assert queries.drivers_of(company, EVERYTHING) == []
    with pytest.raises(HoldingNotFound):
        service.end_holder(car, company, **what)  # a main owner changes, and is not ended


def test_pages_of_households_and_drivers(desk, make_customer, what):
    first, second = make_customer("王建国"), make_customer("李雷")
    car = service.add_vehicle(first, VehicleDraft(VIN, "粤A0X12D"), **what)

    made = desk.post(f"/staff/customers/{first}/household", data={"name": "王家", "day": "2026-03-12"})
    joined = desk.post(f"{made.location}/people", data={"number": f"C-{second:07d}", "day": "2026-03-12"})
    again = desk.post(f"{made.location}/people", data={"number": f"C-{second:07d}", "day": "2026-03-12"})
    nobody = desk.post(f"{made.location}/people", data={"number": "C-0999999", "day": "2026-03-12"})
    driver = desk.post(
        f"/staff/vehicles/{car}/holders/new", data={"number": f"C-{second:07d}", "role": "driver", "day": "2026-03-12"}
    )

    assert (made.status_code, joined.status_code, driver.status_code) == (303, 303, 303)
    assert (again.status_code, nobody.status_code) == (409, 422)
    assert "李雷" in desk.get(f"/staff/customers/{first}").text
    assert "李雷" in desk.get(f"/staff/vehicles/{car}").text
    assert desk.post(f"{made.location}/people/{second}/leave").status_code == 303
    assert desk.post(f"/staff/vehicles/{car}/holders/{second}/end").status_code == 303


def test_vehicles_are_found_by_plate_and_vin(desk, family, what):
    [held] = queries.vehicles_of(family[1])

    for text in ("粤A0X12D", "A0X12D", VIN, VIN[-6:]):
        assert desk.get(f"/staff/vehicles?q={text}").location == f"/staff/vehicles/{held.vehicle.id}"
    assert "没有找到车辆" in desk.get("/staff/vehicles?q=zzz").text


def test_the_number_of_a_member_finds_the_customer(desk, make_customer):
    at = make_customer()
    make_customer("李雷")

    for text in (number_of(at), shown(number_of(at))):
        assert desk.get("/staff/search", query_string={"q": text}).location == f"/staff/customers/{at}"


def test_days_of_mileage_are_those_of_the_store(db_session, clock, agent, acting, client, make_customer, monkeypatch):
    west = create_store(code="UR01", name="西部店", zone="Asia/Urumqi", currency="CNY", now=clock.now, by=SYSTEM)
    at = make_customer(home=west)
    what = {"scope": EVERYTHING, "now": clock.now, "by": SYSTEM}
    car = service.add_vehicle(at, VehicleDraft(VIN), day=date(2026, 1, 1), **what)
    acting(type(agent)(kind="staff", id=1, name="林悦", grants=dict.fromkeys(agent.grants, frozenset({west}))))
    clock.set(datetime(2026, 3, 12, 17, 0, tzinfo=UTC))  # 23:00 in Urumqi, and already the 13th in Shanghai

    page = client.get(f"/staff/vehicles/{car}").text
    client.post(f"/staff/vehicles/{car}/readings", data={"km": "12000", "day": "2026-03-11"})

    [reading] = queries.readings(car)
    assert 'value="2026-03-12"' in page
    assert (reading.read_day, day_at(reading.read_at, "Asia/Urumqi")) == (date(2026, 3, 11), date(2026, 3, 11))
