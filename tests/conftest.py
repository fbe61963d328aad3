"""What every test may ask for; the fixtures stand in tests/fixtures, by what they give."""

from importlib.util import find_spec

pytest_plugins = ["tests.fixtures.guards"]
if find_spec("loyalty.app") and find_spec("loyalty.kernel"):
    pytest_plugins += ["tests.fixtures.engines", "tests.fixtures.application", "tests.fixtures.browsers"]
