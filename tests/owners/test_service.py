"""Codes in the database: hashed, used once, tried five times, also by 200 at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import event, func, select, text

from loyalty.kernel.db import db
from loyalty.kernel.errors import Problem
from loyalty.owners import service
from loyalty.owners.models import OwnerCode
from loyalty.owners.rules import CodeRunOut, TooManyCodes, WrongCode
from loyalty.owners.service import check_code, issue_code, sweep_codes

PHONE = "+8613812345678"


def issue(clock, phone=PHONE, address="203.0.113.1", budget=2000):
    return issue_code(phone, address=address, site_budget=budget, now=clock.now)


def other_than(code):
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_the_right_code_names_the_owner_once(make_owner, clock):
    owner = make_owner()
    code = issue(clock).code

    assert check_code(PHONE, code, now=clock.now) == [owner]
    with pytest.raises(CodeRunOut):
        check_code(PHONE, code, now=clock.now)


@pytest.mark.parametrize(("seconds", "good"), [(299, True), (300, False)])
def test_a_code_is_good_for_five_minutes(make_owner, clock, seconds, good):
    owner = make_owner()
    code = issue(clock).code
    clock.advance(seconds=seconds)

    if good:
        assert check_code(PHONE, code, now=clock.now) == [owner]
    else:
        with pytest.raises(CodeRunOut):
            check_code(PHONE, code, now=clock.now)


def test_the_fifth_try_may_succeed_and_the_sixth_may_not(make_owner, clock):
    owner = make_owner()
    code = issue(clock).code

    for left in (4, 3, 2, 1):
        with pytest.raises(WrongCode) as refusal:
            check_code(PHONE, other_than(code), now=clock.now)
        assert refusal.value.details == {"left": left}

    assert check_code(PHONE, code, now=clock.now) == [owner]


def test_after_five_wrong_tries_the_right_code_is_refused_too(make_owner, clock):
    make_owner()
    code = issue(clock).code
    for _ in range(5):
        with pytest.raises(WrongCode):
            check_code(PHONE, other_than(code), now=clock.now)

    with pytest.raises(CodeRunOut):
        check_code(PHONE, code, now=clock.now)


def test_a_new_code_ends_the_one_before(make_owner, clock):
    owner = make_owner()
    first = issue(clock).code
    clock.advance(seconds=60)
    second = issue(clock).code

    if first != second:
        with pytest.raises(WrongCode):
            check_code(PHONE, first, now=clock.now)
    assert check_code(PHONE, second, now=clock.now) == [owner]


def test_a_phone_that_nobody_has_is_told_the_same_and_gets_no_message(make_owner, clock):
    make_owner(phone="13900000000")

    issued = issue(clock)
    with pytest.raises(WrongCode) as refusal:
        check_code(PHONE, issued.code, now=clock.now)

    assert issued.known is False
    assert refusal.value.details == {"left": 4}


@pytest.mark.parametrize("known", [True, False])
def test_known_and_unknown_phones_cost_the_same_statements(make_owner, clock, known):
    make_owner(phone="13812345678" if known else "13900000000")
    sent = []
    connection = db.session.connection()

    def note(_connection, _cursor, statement, *_rest):
        sent.append(statement.split()[0])

    event.listen(connection, "before_cursor_execute", note)
    issue(clock)
    event.remove(connection, "before_cursor_execute", note)

    assert [word for word in sent if word in {"SELECT", "INSERT", "UPDATE"}] == ["SELECT"] * 7 + ["INSERT"]


def test_limits_of_phone_address_and_site_refuse_and_write_nothing(make_owner, clock):
    make_owner()
    issue(clock)
    with pytest.raises(TooManyCodes) as phone_limit:
        issue(clock)
    for number in range(9):
        issue(clock, phone=f"+861390000000{number}")
    with pytest.raises(TooManyCodes):
        issue(clock, phone="+8613900000099")
    with pytest.raises(TooManyCodes):
        issue(clock, phone="+8613900000099", address="203.0.113.2", budget=10)

    issue(clock, phone="+8613900000099", address="203.0.113.2", budget=11)

    assert phone_limit.value.retry_after == 60
    assert db.session.scalar(select(func.count()).select_from(OwnerCode)) == 11


def test_neither_phone_nor_code_nor_address_stands_in_the_table(make_owner, clock):
    make_owner()
    code = issue(clock).code

    stored = "\n".join(db.session.scalars(text("SELECT c::text FROM owner_codes AS c")))

    for canary in ("13812345678", b"13812345678".hex(), code.encode().hex(), f'"{code}"', "203.0.113.1"):
        assert canary not in stored


def test_old_codes_are_swept_and_those_that_count_stay(make_owner, clock):
    issue(clock)
    clock.advance(days=2, seconds=1)
    issue(clock)

    assert sweep_codes(clock.now) == 1
    assert db.session.scalar(select(func.count()).select_from(OwnerCode)) == 1


def storm(app, clock, tries):
    """Check codes at the same time in threads; return the kinds of answers."""
    start = Barrier(10)
    now = clock.now + timedelta(seconds=1)

    def check(code):
        with app.app_context():
            try:
                if not start.broken:
                    start.wait(timeout=10)
                return type(check_code(PHONE, code, now=now))
            except Problem as problem:
                return type(problem)

    with ThreadPoolExecutor(10) as pool:
        return list(pool.map(check, tries))


def test_two_hundred_parallel_checks_are_five_tries_and_one_success(app, committed, make_owner, clock):
    make_owner()
    code = issue(clock).code

    answers = storm(app, clock, [other_than(code)] * 4 + [code] * 196)

    assert answers.count(list) == 1
    assert answers.count(list) + answers.count(WrongCode) <= 5
    assert answers.count(CodeRunOut) >= 195


def test_two_hundred_parallel_guesses_are_five_tries(app, committed, make_owner, clock):
    make_owner()
    code = issue(clock).code

    answers = storm(app, clock, [other_than(code)] * 200)

    assert (answers.count(WrongCode), answers.count(CodeRunOut)) == (5, 195)


def test_without_the_conditional_update_guesses_would_slip_through(app, committed, make_owner, clock, monkeypatch):
    make_owner()
    code = issue(clock).code
    unguarded = (
        str(service.TRY_CODE)
        .replace("AND used_at IS NULL AND tries < :most", "AND :most > 0")
        .replace("tries = tries + 1", "tries = 1")
    )
    monkeypatch.setattr(service, "TRY_CODE", text(unguarded))

    answers = storm(app, clock, [other_than(code)] * 20)

    assert answers.count(WrongCode) == 20


def test_parallel_requests_for_one_phone_send_one_code(app, committed, make_owner, clock):
    make_owner()
    now = clock.now

    def ask(number):
        with app.app_context():
            try:
                return issue_code(PHONE, address=f"203.0.113.{number}", site_budget=2000, now=now)
            except TooManyCodes:
                return None

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(ask, range(30)))

    assert sum(answer is not None for answer in answers) == 1


@pytest.mark.parametrize("known", [True, False])
def test_a_code_that_was_tried_out_is_in_the_audit_trail_with_where_it_came_from(make_owner, clock, known):
    owner = make_owner(phone="13812345678" if known else "13900000000")
    code = issue(clock).code
    seen = []
    for _ in range(6):
        with pytest.raises((WrongCode, CodeRunOut)):
            check_code(PHONE, other_than(code), address="203.0.113.9", now=clock.now)
        seen.append(len(tried_out()))

    assert seen == [0, 0, 0, 0, 1, 1]
    assert tried_out() == [(owner if known else None, "sign-in", "203.0.113.9")]


def test_the_right_code_at_the_fifth_try_was_not_tried_out(make_owner, clock):
    make_owner()
    code = issue(clock).code
    for _ in range(4):
        with pytest.raises(WrongCode):
            check_code(PHONE, other_than(code), now=clock.now)

    check_code(PHONE, code, now=clock.now)

    assert tried_out() == []


def tried_out():
    rows = text("SELECT about_customer_id, actor_name, address FROM audit_rows WHERE action = 'owner.code_tried_out'")
    return [tuple(row) for row in db.session.execute(rows)]
