"""Each example of the guide for integrators is run as it stands, and its answer is what the guide shows."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from loyalty.kernel.actor import SYSTEM
from loyalty.programme.service import load_file
from loyalty.staff.service import create_api_client, create_store
from tests.api.conftest import RULES

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```(sh|json)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ANYTHING = "…"


def examples(text):
    """Return pairs of a command and what it answers."""
    found = BLOCK.findall(text)
    assert [kind for kind, _ in found] == ["sh", "json"] * (len(found) // 2)
    return [(found[at][1], json.loads(found[at + 1][1])) for at in range(0, len(found), 2)]


def differences(shown, answered, place=""):
    """Name each place where the answer is not what the guide shows; the answer may hold more."""
    if shown == ANYTHING:
        return []
    if isinstance(shown, dict) and isinstance(answered, dict):
        return [
            told
            for name, value in shown.items()
            for told in (
                differences(value, answered[name], f"{place}.{name}") if name in answered else [f"{place}.{name}"]
            )
        ]
    if isinstance(shown, list) and isinstance(answered, list) and len(shown) == len(answered):
        return [
            told
            for at, (one, other) in enumerate(zip(shown, answered, strict=True))
            for told in differences(one, other, f"{place}[{at}]")
        ]
    return [] if shown == answered else [f"{place}: {answered!r} instead of {shown!r}"]


@pytest.fixture
def shell(live_server, committed, clock, tmp_path):
    """Return a function that runs commands one after the other as in one shell."""
    create_store(code="CD", name="城东店", zone="Asia/Shanghai", currency="CNY", now=clock.now, by=SYSTEM)
    load_file(RULES, now=clock.now, by=SYSTEM)
    permissions = ["sales.write", "sales.read", "members.read", "points.read", "points.redeem"]
    _, token = create_api_client(name="dms", permissions=permissions, now=clock.now, by=SYSTEM)
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "BASE": live_server.url, "TOKEN": token}

    def run(commands):
        script = "set -euo pipefail\n" + "\nprintf '\\0'\n".join(commands)
        done = subprocess.run(
            ["/bin/bash", "-c", script],
            env=environ,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.split("\0")

    return run


def test_each_example_answers_what_the_guide_shows(shell):
    pairs = examples((DOCS / "integrators.md").read_text())

    answers = shell([command for command, _ in pairs])

    assert len(pairs) >= 12
    wrong = [
        (command.strip().splitlines()[0], told)
        for (command, shown), answer in zip(pairs, answers, strict=True)
        for told in differences(shown, json.loads(answer))
    ]
    assert wrong == []


def test_another_answer_would_be_noticed():
    shown = {"state": "created", "items": [{"number": "R-1"}], "more": ANYTHING}

    assert differences(shown, {"state": "created", "items": [{"number": "R-1", "x": 1}], "more": 5}) == []
    assert differences(shown, {"state": "same", "items": [{"number": "R-1"}], "more": 5}) != []
    assert differences(shown, {"state": "created", "items": [], "more": 5}) != []
    assert differences(shown, {"state": "created", "items": [{"number": "R-1"}]}) == [".more"]


def test_both_languages_show_the_same_examples():
    english, chinese = ((DOCS / name).read_text() for name in ("integrators.md", "integrators.zh-CN.md"))

    assert BLOCK.findall(english) == BLOCK.findall(chinese)
