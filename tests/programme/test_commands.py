"""`loyalty programme` as a person calls it."""

import subprocess
import sys

import pytest

from loyalty.kernel.db import db
from loyalty.programme import queries


@pytest.mark.usefixtures("committed")
def test_the_facts_of_the_product_are_loaded_once_by_a_command(app):
    command = [sys.executable, "-m", "loyalty.cli", "programme", "tables", "load"]
    done = [subprocess.run(command, capture_output=True, text=True, check=False, timeout=120) for _ in range(2)]

    assert (done[0].returncode, done[0].stdout) == (0, "37 tables are in force.\n"), done[0].stderr
    assert done[1].returncode != 0
    assert "There are tables already" in done[1].stderr + done[1].stdout
    db.session.rollback()
    assert len(queries.tables()) == 37
