"""The second factor in the database: each code once, also at once; recovery codes; resets."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import text

from loyalty.kernel.actor import EVERYTHING, SYSTEM
from loyalty.staff import queries, service
from loyalty.staff.queries import AuditFilter
from loyalty.staff.rules import CodeRefused, CodesLocked, NoSecondFactor, code_of, step_at
from loyalty.staff.service import factors
from tests.fixtures.second_factor import SECRET, code_at, give_factor


@pytest.fixture
def person(make_account):
    return make_account("lin.yue")


@pytest.fixture
def paper(person, clock):
    """The recovery codes of the person, whose factor was set up two minutes ago."""
    codes = give_factor(person, clock.now)
    clock.advance(minutes=2)
    return codes


def use(person, code, clock):
    return service.use_code(person, code, now=clock.now, by=SYSTEM)


def actions(about):
    rows = queries.audit_rows(AuditFilter(subject_kind="account", subject_id=about), EVERYTHING)
    return [row.action for row in rows]


def test_a_code_opens_once(person, paper, clock):
    use(person, code_at(clock.now), clock)

    with pytest.raises(CodeRefused):
        use(person, code_at(clock.now), clock)
    clock.advance(seconds=30)
    use(person, code_at(clock.now), clock)


def test_an_older_code_is_refused_once_a_newer_one_was_used(person, paper, clock):
    early = code_of(SECRET, step_at(clock.now) + 1)
    use(person, early, clock)

    with pytest.raises(CodeRefused):
        use(person, code_at(clock.now), clock)


def test_the_code_that_set_it_up_opens_nothing_more(person, clock):
    give_factor(person, clock.now)

    with pytest.raises(CodeRefused):
        use(person, code_at(clock.now), clock)


def test_an_app_that_shows_another_code_is_not_set_up(person, clock):
    with pytest.raises(CodeRefused):
        service.set_factor(person, SECRET, "000000", kept=None, now=clock.now, by=SYSTEM)

    assert queries.factor(person) is None


def in_parallel(app, person, code, clock, times):
    gate = Barrier(times)

    def one(_):
        with app.app_context():
            gate.wait()
            try:
                use(person, code, clock)
            except (CodeRefused, CodesLocked) as refusal:
                return type(refusal).__name__
            return "in"

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


@pytest.mark.parametrize("kind", ["app", "paper"])
def test_the_same_code_at_once_opens_once(committed, app, make_account, clock, kind):
    person = make_account("lin.yue")
    paper = give_factor(person, clock.now)
    clock.advance(minutes=2)
    code = paper[0] if kind == "paper" else code_at(clock.now)

    answers = in_parallel(app, person, code, clock, 4)

    assert answers.count("in") == 1


def test_without_its_condition_a_code_would_open_twice(person, paper, clock, monkeypatch):
    """The negative control: the step is written whatever it was."""
    monkeypatch.setattr(factors, "_USE_STEP", text(str(factors._USE_STEP).replace("AND last_step < :step", "")))

    use(person, code_at(clock.now), clock)

    use(person, code_at(clock.now), clock)


def test_the_fifth_wrong_code_locks_and_the_right_one_waits_too(person, paper, clock):
    for _ in range(4):
        with pytest.raises(CodeRefused):
            use(person, "000000", clock)
    with pytest.raises(CodesLocked) as locked:
        use(person, "000000", clock)

    assert locked.value.details == {"minutes": 5, "retry_after": 300}
    (row,) = queries.audit_rows(AuditFilter(action="account.codes_locked"), EVERYTHING)
    assert row.subject_id == person
    with pytest.raises(CodesLocked):
        use(person, code_at(clock.now), clock)
    clock.advance(minutes=5)
    use(person, code_at(clock.now), clock)


def test_many_guesses_at_once_are_five(committed, app, make_account, clock):
    person = make_account("lin.yue")
    give_factor(person, clock.now)
    clock.advance(minutes=2)

    answers = in_parallel(app, person, "000000", clock, 16)

    assert answers.count("CodeRefused") == 4
    assert answers.count("CodesLocked") == 12


def test_a_recovery_code_opens_once_and_tells_how_many_are_left(person, paper, clock, db_session):
    assert use(person, paper[3], clock) == 9

    with pytest.raises(CodeRefused):
        use(person, paper[3], clock)
    assert queries.factor(person).codes_left == 9
    assert actions(person)[0] == "account.recovery_code_used"
    dump = str(db_session.execute(text("SELECT * FROM staff_recovery_codes")).all())
    assert not any(code in dump for code in paper)


def test_recovery_codes_of_somebody_else_open_nothing(make_account, paper, clock):
    other = make_account("chen.ke")
    give_factor(other, clock.now)

    with pytest.raises(CodeRefused):
        use(other, paper[0], clock)


def test_new_recovery_codes_end_those_before(person, paper, clock):
    fresh = service.renew_recovery_codes(person, now=clock.now, by=SYSTEM)

    with pytest.raises(CodeRefused):
        use(person, paper[0], clock)
    assert use(person, fresh[0], clock) == 9


def test_without_a_second_factor_there_are_no_recovery_codes(person, clock):
    with pytest.raises(NoSecondFactor):
        service.renew_recovery_codes(person, now=clock.now, by=SYSTEM)


def test_a_reset_takes_codes_away_and_is_in_the_trail(person, paper, clock):
    service.reset_factor(person, now=clock.now, by=SYSTEM)

    assert queries.factor(person) is None
    for code in (code_at(clock.now), paper[0]):
        with pytest.raises(CodeRefused):
            use(person, code, clock)
    assert actions(person)[0] == "account.factor_reset"
    with pytest.raises(NoSecondFactor):
        service.reset_factor(person, now=clock.now, by=SYSTEM)


def test_the_secret_is_sealed_for_its_account(person, paper, clock, db_session):
    stored = db_session.scalar(text("SELECT secret FROM staff_factors"))

    assert SECRET.encode() not in bytes(stored)
    assert queries.present_code(person, now=clock.now) == code_at(clock.now)


def test_tries_at_codes_are_forgotten_after_a_day(person, paper, clock):
    for _ in range(4):
        with pytest.raises(CodeRefused):
            use(person, "000000", clock)
    clock.set(clock.now + timedelta(hours=24, seconds=1))

    for _ in range(4):
        with pytest.raises(CodeRefused):
            use(person, "000000", clock)
