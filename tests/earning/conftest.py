import pytest

from tests.earning.counter import EARNING, Counter


@pytest.fixture
def counter(db_session, clock):
    """A store without any rules in force."""
    return Counter(clock)


@pytest.fixture
def shop(counter):
    """A store where each whole ¥1.00 earns a point."""
    counter.load(earning=EARNING)
    return counter
