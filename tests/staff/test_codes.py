"""The codes of the second factor: those of RFC 6238, and those of other programs."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from loyalty.kernel.errors import Malformed
from loyalty.staff.rules import (
    RECOVERY_CODES,
    app_address,
    code_of,
    in_groups,
    is_recovery_code,
    matching_step,
    new_recovery_codes,
    new_secret,
    normal_factor_code,
    step_at,
)

OF_THE_RFC = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890"
NOW = datetime(2026, 3, 12, 6, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_the_rfc(seconds, code):
    assert code_of(OF_THE_RFC, seconds // 30) == code


def test_codes_are_those_that_other_programs_make():
    secret = new_secret()

    assert code_of(secret, step_at(NOW)) == pyotp.TOTP(secret).at(NOW)


@pytest.mark.parametrize(("steps", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_phone_may_be_one_step_early_or_late(steps, fits):
    shown = code_of(OF_THE_RFC, step_at(NOW) + steps)

    assert matching_step(OF_THE_RFC, shown, NOW) == (step_at(NOW) + steps if fits else None)


def test_a_step_lasts_thirty_seconds():
    begins = datetime(2026, 3, 12, 6, 8, 30, tzinfo=UTC)

    assert step_at(begins) == step_at(begins + timedelta(seconds=29)) == step_at(begins - timedelta(seconds=1)) + 1


@pytest.mark.parametrize(
    ("typed", "normal"),
    [("123 456", "123456"), ("１２３４５６", "123456"), (" 1234-5678-9012 ", "123456789012")],
)
def test_codes_are_read_as_people_type_them(typed, normal):
    assert normal_factor_code(typed) == normal


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "12345678901", "1234567890123", "٣٤٥٦٧٨"])
def test_other_codes_are_malformed(typed):
    with pytest.raises(Malformed):
        normal_factor_code(typed)


def test_recovery_codes_are_ten_and_differ():
    codes = new_recovery_codes()

    assert len(set(codes)) == len(codes) == RECOVERY_CODES
    assert all(is_recovery_code(normal_factor_code(in_groups(code))) for code in codes)


def test_the_picture_says_who_and_where_to_the_app():
    address = app_address(OF_THE_RFC, username="lin.yue", issuer="山路 星车")

    read = pyotp.parse_uri(address)
    assert (read.secret, read.name, read.issuer) == (OF_THE_RFC, "lin.yue", "山路 星车")
