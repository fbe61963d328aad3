"""The examples for an installation and the READMEs say what the code does."""

import configparser
import re
import shlex
from datetime import timedelta
from pathlib import Path

import pytest

from loyalty.cli import COMMANDS
from loyalty.cli.serve import QUEUES, TICKER_PATIENCE, WEB_PATIENCE, WORKER_PATIENCE
from loyalty.kernel.sessions import OWNER_LONGEST, STAFF_LONGEST
from loyalty.links.service.receiving import KEPT_DAYS
from loyalty.links.service.rejecting import KEPT as REJECTS_KEPT
from loyalty.messaging.rules.hooks import KEPT as DELIVERIES_KEPT
from loyalty.owners.rules import LONGEST_WINDOW
from loyalty.sales.service.sweeping import UPLOADS_KEPT

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "deploy/systemd").glob("*.service"))
VARIABLE = re.compile(r"\bLOYALTY_[A-Z_]+\b")
PATIENCE = {"web": WEB_PATIENCE, "worker": WORKER_PATIENCE, "ticker": TICKER_PATIENCE}

# Variables of tests and benches, of a command's input, and one that production refuses: no operator sets them.
NOT_FOR_OPERATORS = re.compile(
    r"LOYALTY_(HYPOTHESIS|DEBUG|STORM|TEST_|REQUIRE_|BENCH|EPHEMERAL|STAFF_PASSWORD|VALKEY_BIN)"
)


def unit(path):
    parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parser.optionxform = str
    parser.read_string(path.read_text())
    return parser


def command(path):
    """The words after `loyalty` of what the unit starts."""
    words = shlex.split(unit(path)["Service"]["ExecStart"].replace("$$", "$"))
    if words[0] == "/bin/sh":
        words = shlex.split(words[2].removeprefix("exec "))
    assert words[0].endswith("/loyalty")
    return words[1:]


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_unit_starts_a_command_that_exists(path):
    name, *rest = command(path)

    assert name in COMMANDS
    if name == "worker":
        assert rest == ["%i"]


@pytest.mark.parametrize("path", [path for path in UNITS if "backup" not in path.stem], ids=lambda path: path.stem)
def test_a_unit_waits_as_long_as_the_piece_may_need_to_stop(path):
    assert int(unit(path)["Service"]["TimeoutStopSec"]) >= PATIENCE[command(path)[0]]


def test_each_queue_has_its_worker_in_the_instructions():
    text = (ROOT / "deploy/README.md").read_text()

    assert {queue for queue in QUEUES if f"loyalty-worker@{queue}" not in text} == set()


def test_the_image_copies_what_is_there():
    lines = (ROOT / "deploy/Containerfile").read_text().splitlines()
    copied = [word for line in lines if line.startswith("COPY") for word in line.split()[1:-1]]

    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert {"loyalty", "jobs", "migrations", "wsgi.py"} <= set(copied)


def variables_of_the_code():
    found = set()
    for folder in ("loyalty", "jobs", "migrations"):
        for path in (ROOT / folder).rglob("*.py"):
            found |= set(VARIABLE.findall(path.read_text()))
    return {name for name in found if not NOT_FOR_OPERATORS.match(name) and not name.endswith("_")}


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_every_setting_stands_in_the_table_and_every_one_in_the_table_exists(readme):
    rows = [line for line in (ROOT / readme).read_text().splitlines() if line.startswith("| `LOYALTY_")]
    told = {name for row in rows for name in VARIABLE.findall(row.split("|")[1])}

    assert told == variables_of_the_code()


def test_the_example_of_settings_names_settings():
    named = set(VARIABLE.findall((ROOT / "deploy/loyalty.env.example").read_text()))

    assert named <= variables_of_the_code()


def test_what_is_deleted_by_itself_is_told_with_its_days():
    part = (ROOT / "deploy/README.md").read_text().split("## What is deleted by itself")[1].split("\n## ")[0]
    told = [row.split("|")[2].split()[0] for row in part.splitlines() if row.startswith("| ")][1:]
    kept = (OWNER_LONGEST, 2 * LONGEST_WINDOW, UPLOADS_KEPT, KEPT_DAYS, REJECTS_KEPT, DELIVERIES_KEPT)

    assert told == [*(str(one.days) for one in kept), "when"]
    assert timedelta(hours=12) == STAFF_LONGEST
