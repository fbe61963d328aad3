"""What every form refuses, whatever its fields are."""

import pytest
from marshmallow import fields

from loyalty.web import forms
from loyalty.web.texts import LARGEST_ID, row_number


class AnyForm(forms.FormSchema):
    store_id = fields.Integer(load_default=None)
    name = fields.String(required=True)


@pytest.fixture
def filled(app):
    def load(**typed):
        with app.test_request_context("/"):
            return forms.load(AnyForm, typed)

    return load


@pytest.mark.parametrize("number", [LARGEST_ID, -LARGEST_ID, 1])
def test_a_number_that_a_column_holds_is_taken(filled, number):
    assert filled(store_id=str(number), name="x").values["store_id"] == number


@pytest.mark.parametrize("number", [LARGEST_ID + 1, -LARGEST_ID - 2, 10**26])
def test_a_number_that_no_column_holds_is_refused_at_its_field(filled, number):
    assert list(filled(store_id=str(number), name="x").errors) == ["store_id"]
    assert set(filled(store_id=str(number)).errors) == {"store_id", "name"}


@pytest.mark.parametrize(("typed", "number"), [("0", 0), ("12", 12), (str(LARGEST_ID), LARGEST_ID)])
def test_the_number_of_a_row_is_read(typed, number):
    assert row_number(typed) == number


@pytest.mark.parametrize("typed", ["", "-1", "1.5", "x", "²", str(LARGEST_ID + 1), "9" * 26, "9" * 5_000])
def test_what_no_row_can_have_names_none(typed):
    assert row_number(typed) is None
