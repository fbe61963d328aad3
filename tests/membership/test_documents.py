"""What can be the number of a document that points are used for, and what names somebody."""

import pytest

from loyalty.membership.rules import is_document

NUMBERS = [
    "",
    "R-90001",
    "RO 20260312",
    "CD-RO-90001",
    "WXGD20260312001",
    "2026/03/12-17",
    "Order 90001",
    "Invoice #17",
    "90001",
    "C20260312",
    "WO-E12345678",
    "a3f9c0de-17b2",
]
NAMES = [
    "Zhang San",
    "zhangsan",
    "ZHANGSAN 90001",
    "Li Na 90001",
    "LI NA 90001",
    "O'Brien 17",
    "王建国",
    "13812345678",
    "R-90001 138 1234 5678",
    "11010519491231002X",
    "R-90001 110105 19491231 002X",
    "E12345678",
    "H1234567801",
    "91350100M000100Y43",
]


@pytest.mark.parametrize("text", NUMBERS)
def test_the_number_of_a_work_order_is_taken(text):
    assert is_document(text)


@pytest.mark.parametrize("text", NAMES)
def test_what_names_somebody_is_not(text):
    assert not is_document(text)
