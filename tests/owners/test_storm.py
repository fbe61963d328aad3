"""Guesses at one-time codes from many sides at once: five tries a code, and one success.

A short run belongs to every test run; LOYALTY_STORM=long takes 10,000 guesses.
"""

import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text

from loyalty.kernel.errors import Problem
from loyalty.owners import service
from loyalty.owners.models import OwnerCode
from loyalty.owners.rules import MOST_TRIES, CodeRunOut, TooManyCodes, WrongCode
from loyalty.owners.service import check_code, issue_code

LONG = os.environ.get("LOYALTY_STORM") == "long"
GUESSES = 10_000 if LONG else 800
CHECKS = 200
PHONES = 20
SIDES = 10

pytestmark = pytest.mark.timeout(900 if LONG else 120)


def wrong(code, number):
    """A code that is not this one."""
    return f"{(int(code) + 1 + number % 999_999) % 1_000_000:06d}"


@pytest.fixture
def codes(make_owner, clock, committed):
    """A code for each of twenty owners, each asked for from an address of its own."""
    issued = {}
    for number in range(PHONES):
        phone = f"138000000{number:02d}"
        make_owner(f"车主{number}", phone)
        address = f"203.0.113.{number}"
        issued["+86" + phone] = issue_code("+86" + phone, address=address, site_budget=2000, now=clock.now).code
    committed.commit()
    return issued


def answers(app, clock, asked):
    """Check the codes of `asked` (phone, code) from all sides at once; return what each was told."""

    def check(one):
        with app.app_context():
            try:
                return type(check_code(*one, now=clock.now))
            except Problem as problem:
                return type(problem)

    with ThreadPoolExecutor(SIDES) as pool:
        return list(pool.map(check, asked))


def test_guesses_get_five_tries_a_code_and_no_success(app, codes, clock, committed, figure):
    phones = list(codes)
    asked = [(phones[n % PHONES], wrong(codes[phones[n % PHONES]], n)) for n in range(GUESSES)]

    told = Counter(answers(app, clock, asked))

    figure(f"{GUESSES:,} guesses at {PHONES} codes", "looked at", told[WrongCode], PHONES * MOST_TRIES)
    figure(f"{GUESSES:,} guesses at {PHONES} codes", "let in", told[list], 0)
    assert told == {WrongCode: PHONES * MOST_TRIES, CodeRunOut: GUESSES - PHONES * MOST_TRIES}
    assert set(committed.scalars(select(OwnerCode.tries))) == {MOST_TRIES}
    right = Counter(answers(app, clock, list(codes.items())))
    assert right == {CodeRunOut: PHONES}


def test_the_right_code_checked_from_all_sides_signs_in_once(app, codes, clock, committed, figure):
    phone, code = next(iter(codes.items()))

    told = Counter(answers(app, clock, [(phone, code)] * CHECKS))

    figure(f"{CHECKS} checks of a right code at once", "let in", told[list], 1)
    assert told == {list: 1, CodeRunOut: CHECKS - 1}


def test_without_the_condition_on_tries_guesses_would_go_on(app, codes, clock, monkeypatch, figure):
    """The negative control."""
    unguarded = str(service.TRY_CODE).replace("AND used_at IS NULL AND tries < :most", "AND :most > 0")
    monkeypatch.setattr(service, "TRY_CODE", text(unguarded.replace("tries = tries + 1", "tries = 1")))
    phone, code = next(iter(codes.items()))

    told = Counter(answers(app, clock, [(phone, wrong(code, n)) for n in range(50)]))

    figure("50 guesses at one code without the condition", "looked at", told[WrongCode], f"above {MOST_TRIES}")
    assert told == {WrongCode: 50}


BUDGET = 12


def spend(app, clock, asks):
    """Ask for codes for different phones from different addresses at once; return how many were handed out."""

    def ask(number):
        with app.app_context():
            try:
                return issue_code(
                    f"+86139{number:08d}", address=f"198.51.100.{number}", site_budget=BUDGET, now=clock.now
                )
            except TooManyCodes:
                return None

    with ThreadPoolExecutor(SIDES) as pool:
        return sum(issued is not None for issued in pool.map(ask, range(asks)))


def test_the_budget_of_the_site_is_exact_from_all_sides(app, committed, clock):
    assert spend(app, clock, 60) == BUDGET


def test_without_its_lock_the_budget_would_be_overdrawn(app, committed, clock, monkeypatch):
    """The negative control: each request counts before the others have written."""
    monkeypatch.setattr(service, "_one_at_a_time", lambda session, *_subjects: session.execute(text("SELECT 1")))
    count = service.queries.sent_by_site

    def slowly(**words):
        counted = count(**words)
        time.sleep(0.05)
        return counted

    monkeypatch.setattr(service.queries, "sent_by_site", slowly)

    assert spend(app, clock, 60) > BUDGET


def test_a_code_stands_in_no_log(app, codes, clock, caplog):
    caplog.set_level(0)
    phone, code = next(iter(codes.items()))

    issued = issue_code("+8613900000001", address="203.0.113.99", site_budget=2000, now=clock.now)
    check_code(phone, code, now=clock.now)

    assert issued.code not in caplog.text
    assert code not in caplog.text
