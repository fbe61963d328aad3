"""What every test may ask for; the fixtures stand in tests/fixtures, by what they give."""

pytest_plugins = [
    "tests.fixtures.engines",
    "tests.fixtures.application",
    "tests.fixtures.guards",
    "tests.fixtures.browsers",
    "tests.fixtures.figures",
    "tests.fixtures.mariadb",
    "tests.fixtures.turns",
]
