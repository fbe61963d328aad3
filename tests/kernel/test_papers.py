"""Numbers of identity papers are recognised by their form and check digits, and other numbers are not."""

import pytest

from loyalty.kernel.papers import names_papers, without_papers

PAPERS = [
    "11010519491231002X",  # the example of the standard for residents' numbers
    "11010519491231002x",
    "440524188001010014",
    "110105 19491231 002X",
    "110105491231002",
    "E12345678",
    "EA1234567",
    "G12345678",
    "C12345678",
    "CA1234567",
    "H12345678",
    "M1234567801",
    "L12345678",
    "T12345678",
    "A123456(3)",
    "91350100M000100Y43",  # the example of the standard for companies' codes
    "9144030071526726XG",
]
OTHERS = [
    "110105194912310021",  # the check digit does not fit
    "990105194912310028",  # no such province
    "110105194913310021",  # no such day
    "91350100M000100Y44",
    "20260312001",
    "202603121408000123",
    "R-90001",
    "WO-E12345678",
    "C20260312",
    "LSVAA4182E2123456",
    "20260312",
    "C-0000012",
]


@pytest.mark.parametrize("number", PAPERS)
def test_the_number_of_a_paper_is_recognised_wherever_it_stands(number):
    assert names_papers(number)
    assert names_papers(f"of {number}, seen")
    assert without_papers(f"of {number}, seen", "--") == "of --, seen"


@pytest.mark.parametrize("number", OTHERS)
def test_other_numbers_are_left_alone(number):
    assert not names_papers(f"of {number}, seen")
    assert without_papers(f"of {number}, seen", "--") == f"of {number}, seen"


@pytest.mark.parametrize("number", ["11010519491231002X", "91350100M000100Y43"])
def test_any_other_check_sign_does_not_fit(number):
    others = [sign for sign in "0123456789X" if sign != number[-1]]

    assert [sign for sign in others if names_papers(number[:-1] + sign)] == []
