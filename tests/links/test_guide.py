"""The example of the guide is run as it stands, by curl and openssl, and its answer is what the guide shows."""

import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from loyalty.sales.rules import FIELDS

GUIDE = Path(__file__).parents[2] / "docs/links.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def blocks():
    return dict(BLOCK.findall(GUIDE.read_text()))


@pytest.mark.usefixtures("committed")
def test_the_example_is_taken_as_the_guide_says(core, live_server, clock, blocks, tmp_path):
    clock.set(datetime.fromtimestamp(_unix_now(), UTC))
    environ = {"PATH": os.environ["PATH"], "BASE": live_server.url, "SECRET": core.secret}
    if shutil.which("openssl") is None:
        pytest.fail("There is no openssl; .ci/run installs it with curl.")

    done = subprocess.run(
        ["/bin/bash", "-euo", "pipefail", "-c", blocks["sh"]],
        env=environ,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )

    answered, shown = json.loads(done.stdout), json.loads(blocks["json"])
    assert answered["items"][0].pop("effects") is not None
    assert shown["items"][0].pop("effects") == "…"
    assert answered == shown


def _unix_now():
    return int(subprocess.run(["/bin/date", "+%s"], capture_output=True, text=True, check=True).stdout)


def test_the_guide_names_every_field_of_a_mapping():
    text = GUIDE.read_text()

    assert [name for name in FIELDS if not re.search(rf"\b{name}\b", text)] == []
