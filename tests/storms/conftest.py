"""Storms share one dealer; each takes customers and keys of its own."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.storms.dealer import dealer

LONG = os.environ.get("LOYALTY_STORM") == "long"


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.processes)
            item.add_marker(pytest.mark.timeout(3600 if LONG else 240))


@pytest.fixture(scope="session")
def shop():
    """The storms' dealer."""
    with TemporaryDirectory(prefix="loyalty-storm-") as folder:
        Path(folder).chmod(0o711)  # the servers' account passes through
        with dealer(Path(folder)) as one:
            yield one
