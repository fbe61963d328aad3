"""`loyalty programme` as a person calls it."""

import subprocess
import sys

import pytest

from loyalty.kernel.db import db
from loyalty.programme import queries


@pytest.mark.usefixtures("committed")
def test_the_facts_of_the_product_are_loaded_by_a_command(app):
    command = [sys.executable, "-m", "loyalty.cli", "programme", "tables", "load"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)

    assert (done.returncode, done.stdout) == (0, "37 tables are in force.\n"), done.stderr
    db.session.rollback()
    assert len(queries.tables()) == 37
