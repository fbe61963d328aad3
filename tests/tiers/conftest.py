import pytest

from tests.earning.counter import Counter
from tests.tiers.schemes import cny_scheme


@pytest.fixture
def counter(db_session, clock):
    """A store without any rules in force."""
    return Counter(clock)


@pytest.fixture
def club(counter):
    """A store with the scheme of four levels by twelve rolling months, in CNY."""
    counter.load(tiers=cny_scheme())
    return counter
