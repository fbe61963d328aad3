"""The machine that holds who may import whom; each contract is seen to refuse a planted import."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]

PLANTED = {
    "Features call downward": ("loyalty/kernel/planted.py", "import loyalty.staff"),
    "Inside a feature": ("loyalty/points/rules/planted.py", "import loyalty.points.models"),
    "Rules and events": ("loyalty/points/rules/planted.py", "import sqlalchemy"),
    "Services, queries": ("loyalty/points/service/planted.py", "import flask"),
    "Faces touch no tables": ("loyalty/staff/pages/planted.py", "import sqlalchemy"),
    "Nothing in loyalty knows jobs": ("loyalty/points/service/planted.py", "import jobs.runner"),
    "Jobs know services": ("jobs/planted.py", "import loyalty.points.models"),
    "Faces, adapters and reactions": ("loyalty/web/planted.py", "import loyalty.kernel.pages"),
    "The engines' launcher": ("loyalty/engines/planted.py", "import psycopg"),
}


@pytest.fixture
def copy(tmp_path):
    """The sources alone, where a fault may be planted."""
    for package in ("loyalty", "jobs"):
        shutil.copytree(HOUSE / package, tmp_path / package, ignore=shutil.ignore_patterns("static", "__pycache__"))
    shutil.copy(HOUSE / "pyproject.toml", tmp_path)
    return tmp_path


def broken_contracts(folder):
    """Return the names of the contracts that the sources break."""
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Contracts:" in done.stdout, done.stdout + done.stderr
    return re.findall(r"^(.+) BROKEN", done.stdout, re.MULTILINE)


def test_the_sources_keep_every_contract(copy):
    assert broken_contracts(copy) == []


@pytest.mark.parametrize("contract", PLANTED)
def test_a_planted_import_breaks_its_contract(copy, contract):
    place, line = PLANTED[contract]
    path = copy / place
    path.parent.mkdir(parents=True, exist_ok=True)
    if not (path.parent / "__init__.py").exists():
        (path.parent / "__init__.py").touch()
    path.write_text(line + "\n")
    (copy / "loyalty/kernel/pages.py").touch()  # a face for the one who must not import it

    assert any(name.startswith(contract) for name in broken_contracts(copy))
