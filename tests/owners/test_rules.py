"""One-time codes: their form, and how long the next one has to wait."""

from datetime import UTC, datetime, timedelta

import pytest

from loyalty.kernel.errors import Malformed
from loyalty.owners.rules import ADDRESS_LIMITS, PHONE_LIMITS, new_code, normal_code, wait

NOW = datetime(2026, 3, 12, 6, 0, tzinfo=UTC)


def ago(*seconds):
    return [NOW - timedelta(seconds=one) for one in seconds]


@pytest.mark.parametrize("typed", ["123456", " 123 456 ", "123-456", "１２３４５６", "12 34 56\n"])
def test_a_code_is_read_as_people_type_it(typed):
    assert normal_code(typed) == "123456"


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "٣٤٥٦٧٨", "12345６７"])
def test_anything_but_six_digits_is_malformed(typed):
    with pytest.raises(Malformed):
        normal_code(typed)


def test_codes_have_six_digits_and_differ():
    codes = {new_code() for _ in range(1000)}

    assert {len(code) for code in codes} == {6}
    assert len(codes) > 990


@pytest.mark.parametrize(
    ("sent", "seconds"),
    [
        ([], None),
        ([59], 1),
        ([60], None),
        ([3000, 2000, 1000, 600, 100], 600),
        ([3600, 2000, 1000, 600, 100], None),
        ([80_000, 70_000, 60_000, 50_000, 40_000, 30_000, 20_000, 10_000, 8_000, 5_000], 6_400),
        ([86_400, 70_000, 60_000, 50_000, 40_000, 30_000, 20_000, 10_000, 8_000, 5_000], None),
    ],
)
def test_a_phone_waits_until_the_oldest_of_a_full_window_leaves_it(sent, seconds):
    expected = None if seconds is None else timedelta(seconds=seconds)

    assert wait(ago(*sent), PHONE_LIMITS, NOW) == expected


@pytest.mark.parametrize(("count", "waits"), [(9, False), (10, True)])
def test_an_address_has_ten_an_hour(count, waits):
    sent = ago(*range(1, count + 1))

    assert bool(wait(sent, ADDRESS_LIMITS, NOW)) is waits
