"""The commands, each as a person would call it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest
import requests
from click.testing import CliRunner

from loyalty.cli import COMMANDS, main

OWNERS = re.compile(r"owners\s+(http://\S+)/my/")
HEAVY = ("flask", "sqlalchemy", "marshmallow", "rq")


@pytest.fixture
def call(committed):
    """Return a function that calls `loyalty` in a process of its own, on the test's database."""

    def called(*words, **more):
        return subprocess.run(
            [sys.executable, "-m", "loyalty.cli", *words],
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
            **more,
        )

    return called


def test_help_loads_neither_flask_nor_the_database():
    code = "import sys, loyalty.cli as cli\ntry:\n cli.main(['--help'])\nexcept SystemExit:\n pass\n"
    code += f"print([name for name in {HEAVY!r} if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_is_there_and_says_what_it_does(name):
    answer = CliRunner().invoke(main, [name, "--help"])

    assert answer.exit_code == 0, answer.output


def test_an_unknown_command_is_refused():
    assert CliRunner().invoke(main, ["nothing"]).exit_code == 2


def test_staff_and_clients_are_created_and_a_taken_name_is_refused(call):
    password = {**os.environ, "LOYALTY_STAFF_PASSWORD": "Rainy-Harbour-93-Lantern"}

    created = call("staff", "create", "wang.fang", "--name", "王芳", "--role", "administrator", env=password)
    again = call("staff", "create", "wang.fang", "--name", "王芳", "--role", "administrator", env=password)
    token = call("clients", "create", "dms", "--permission", "sales.write")

    assert (created.returncode, created.stderr) == (0, "")
    assert again.returncode == 1
    assert again.stderr.startswith("Error: ")
    assert "Traceback" not in again.stderr
    assert len(token.stdout.strip()) >= 32


def test_a_new_installation_begins_with_its_stores(call):
    created = call("stores", "create", "CD", "城东店")
    again = call("stores", "create", "CD", "城西店")

    assert created.returncode == 0, created.stderr
    assert again.returncode == 1
    assert "There is a store CD already" in again.stderr
    assert call("stores", "list").stdout == "CD  城东店  Asia/Shanghai  CNY\n"


@pytest.mark.parametrize("job", ["activate", "expire", "tier-review"])
def test_a_job_is_run_by_hand_and_answers_in_json(call, job):
    done = call("run", job, "--as-of", "2026-03-11", "--dry-run", "--json")

    report = json.loads(done.stdout)
    assert (report["job"], report["as_of"], report["dry_run"]) == (job, "2026-03-11", True)


def test_an_impossible_day_is_refused_with_a_sentence(call):
    done = call("run", "expire", "--as-of", "2026-02-29")

    assert done.returncode == 1
    assert "2026-02-29" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_empty_ledger_is_clean(call):
    told = json.loads(call("audit", "--json").stdout)

    assert (told["clean"], told["findings"]) == (True, [])


def test_a_database_of_another_version_is_refused(call, clones, worker_number):
    with clones.empty(f"old_w{worker_number}") as url:
        done = call("audit", env={**os.environ, "LOYALTY_DATABASE_URL": url})

    assert done.returncode == 1
    assert "loyalty migrate" in done.stderr


@pytest.mark.processes
@pytest.mark.timeout(180)
def test_serve_runs_everything_heals_it_and_leaves_nothing(app):
    with TemporaryDirectory(prefix="loyalty-serve-") as folder:
        Path(folder).chmod(0o711)
        environ = {name: value for name, value in os.environ.items() if not name.startswith("LOYALTY_")}
        environ |= {"LOYALTY_DATA": f"{folder}/data", "LOYALTY_PORT": str(free_port()), "LOYALTY_EPHEMERAL": "1"}
        with started("serve", environ) as (parent, base):
            family = parent.children(recursive=True)
            assert requests.get(f"{base}/healthz", timeout=5).status_code == 200

            web = next(child for child in parent.children() if "web" in child.cmdline())
            web.kill()
            wait_for(lambda: requests.get(f"{base}/healthz", timeout=5).status_code == 200)

            audited = subprocess.run(
                [sys.executable, "-m", "loyalty.cli", "audit", "--json"], env=environ, capture_output=True, check=True
            )
            assert json.loads(audited.stdout)["clean"]

            family += parent.children(recursive=True)
            parent.send_signal(signal.SIGINT)
            assert parent.wait(60) == 0
        assert [child for child in family if child.is_running()] == []


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as line:
        return line.getsockname()[1]


def wait_for(ready, seconds=60):
    """Wait until `ready()`; connections that are refused meanwhile count as not ready."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        with suppress(requests.ConnectionError):
            if ready():
                return
        time.sleep(0.1)
    pytest.fail("It took too long.")


@contextmanager
def started(command, environ):
    """Start `loyalty serve` or `demo` and give its process and address when it says that it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "loyalty.cli", command], env=environ, stdout=subprocess.PIPE, text=True
    )
    with process:
        try:
            for line in process.stdout:
                if found := OWNERS.search(line):
                    yield psutil.Process(process.pid), found.group(1)
                    break
            else:
                pytest.fail("It ended before it was ready.")
        finally:
            process.terminate()
            process.wait(60)
