"""Editing a customer while somebody else does: nobody writes over what the other has not seen."""

import re

import pytest

from loyalty.customers import queries
from loyalty.customers.rules import CustomerDraft
from loyalty.customers.service import change_customer, create_customer
from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.errors import Malformed


def edit_form(page):
    """Return what the form of a customer's data sends as it stands."""
    seen = re.search(r'name="seen" value="(\w+)"', page)[1]
    store = re.search(r'<option value="(\d+)" selected', page.split('id="f-home_store_id"')[1])[1]
    return {
        "name": "王建国",
        "kind": "person",
        "language": "zh_Hans_CN",
        "home_store_id": store,
        "state": "active",
        "seen": seen,
    }


def test_what_somebody_else_changed_meanwhile_is_shown_and_not_written_over(desk, make_customer, clock, everything):
    at = make_customer()
    form = edit_form(desk.get(f"/staff/customers/{at}/edit").text)
    change_customer(at, {"name": "王健国"}, scope=everything, now=clock.now, by=SYSTEM)

    refused = desk.post(f"/staff/customers/{at}/edit", data=form | {"name": "王建国二"})
    kept = queries.customer(at, everything).name
    again = desk.post(f"/staff/customers/{at}/edit", data=form | edit_form(refused.text) | {"name": "王建国二"})

    assert (refused.status_code, kept) == (409, "王健国")
    assert "王健国" in refused.text
    assert 'value="王建国二"' in refused.text
    assert again.status_code == 303
    assert queries.customer(at, everything).name == "王建国二"


def test_a_form_on_what_is_there_still_is_saved(desk, make_customer, everything):
    at = make_customer()
    form = edit_form(desk.get(f"/staff/customers/{at}/edit").text)

    saved = desk.post(f"/staff/customers/{at}/edit", data=form | {"birthday": "1980-02-29", "lunar": "1"})

    assert saved.status_code == 303
    assert queries.card(at, everything).lunar


@pytest.mark.parametrize(("field", "named"), [("home_store_id", 9_000), ("home_store_id", -1), ("advisor_id", 9_000)])
def test_a_store_or_person_that_there_is_none_of_is_refused_at_its_field(
    make_customer, everything, clock, field, named
):
    at = make_customer()
    how = {"scope": everything, "now": clock.now, "by": SYSTEM}
    new = {"home_store_id": queries.customer(at, everything).home_store_id, field: named}

    with pytest.raises(Malformed) as changed:
        change_customer(at, {"name": "李健国", field: named}, **how)
    with pytest.raises(Malformed) as added:
        create_customer(CustomerDraft(name="新客户", **new), **how)

    assert list(changed.value.errors) == list(added.value.errors) == [field]
    assert queries.customer(at, everything).name == "王建国"
