"""The launcher: servers come, answer, are owned by one, and leave nothing behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg
import pytest
import redis

from loyalty.engines.account import account_for
from loyalty.engines.binaries import postgres_programs, valkey_program
from loyalty.engines.folder import SOCKET_PATH_LIMIT, DataFolder
from loyalty.engines.problems import EngineDied, EngineMissing, FolderInUse
from loyalty.engines.running import servers
from loyalty.engines.servers import own_servers

pytestmark = pytest.mark.processes

HOLDER = """
import sys
from pathlib import Path
from loyalty.engines.folder import DataFolder
from loyalty.engines.servers import own_servers
with own_servers(DataFolder(Path(sys.argv[1])), {"LOYALTY_EPHEMERAL": "1"}) as running:
    print(*(engine.child.pid for engine in running.engines), flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def open_folder():
    """A folder that any account may pass through; pytest closes its own to all but its user."""
    with TemporaryDirectory(prefix="loyalty-engines-") as path:
        Path(path).chmod(0o711)
        yield Path(path)


@pytest.fixture
def environ(open_folder):
    return {"LOYALTY_DATA": str(open_folder / "data"), "LOYALTY_EPHEMERAL": "1", "PATH": os.environ["PATH"]}


@pytest.fixture
def folder(environ):
    return DataFolder(Path(environ["LOYALTY_DATA"]))


@pytest.fixture
def holder(folder, environ):
    """Another process that owns the folder's servers; its first line names their ids."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    process.children = [int(pid) for pid in process.stdout.readline().split()]
    yield process
    process.stdin.close()
    process.wait(30)
    process.stdout.close()


def ask(addresses):
    """Return what both servers answer."""
    plain = addresses.database_url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(plain) as connection, redis.Redis.from_url(addresses.redis_url) as valkey:
        superuser = connection.execute("SELECT usesuper FROM pg_user WHERE usename = current_user").fetchone()[0]
        return connection.info.encoding, superuser, valkey.ping()


def pids_of(running):
    return [engine.child.pid for engine in running.engines]


def gone(pid, seconds=20):
    """Return whether the process ends within the time."""
    limit = time.monotonic() + seconds
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > limit:
            return False
        time.sleep(0.05)
    return True


def test_servers_start_from_nothing_answer_and_stop(folder, environ):
    with own_servers(folder, environ) as running:
        answers = ask(running.addresses)
        pids = pids_of(running)

    assert answers == ("utf-8", False, True)  # the product's role is no superuser
    assert [psutil.pid_exists(pid) for pid in pids] == [False, False]
    assert folder.published() is None


def test_servers_listen_on_sockets_only(folder, environ):
    with own_servers(folder, environ) as running:
        families = {
            connection.family.name
            for pid in pids_of(running)
            for connection in psutil.Process(pid).net_connections("all")
        }

    assert families == {"AF_UNIX"}


def test_data_is_there_after_a_restart(folder, environ):
    with own_servers(folder, environ) as running:
        plain = running.addresses.database_url.replace("+psycopg", "")
        with psycopg.connect(plain) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")

    with own_servers(folder, environ), psycopg.connect(plain) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_a_second_owner_is_refused_and_the_first_goes_on(folder, environ):
    with own_servers(folder, environ) as running:
        with pytest.raises(FolderInUse, match="LOYALTY_DATA"), own_servers(folder, environ):
            pass

        assert ask(running.addresses) == ("utf-8", False, True)


def test_a_command_uses_the_servers_that_run(holder, folder, environ):
    with servers(environ) as found:
        assert ask(found) == ("utf-8", False, True)
        assert found == folder.published()

    assert all(psutil.pid_exists(pid) for pid in holder.children)


def test_a_command_starts_servers_for_its_own_time(folder, environ):
    with servers(environ) as own:
        assert ask(own) == ("utf-8", False, True)

    assert folder.published() is None


def test_set_urls_are_taken_as_they_are(environ):
    given = {**environ, "LOYALTY_DATABASE_URL": "postgresql://there/db", "LOYALTY_REDIS_URL": "redis://there/0"}

    with servers(given) as addresses:
        assert (addresses.database_url, addresses.redis_url) == ("postgresql://there/db", "redis://there/0")

    assert not Path(environ["LOYALTY_DATA"]).exists()


def test_a_killed_parent_leaves_no_server(holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()

    assert all(gone(pid) for pid in holder.children)


def test_after_a_killed_parent_the_next_owner_starts(holder, folder, environ):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert all(gone(pid) for pid in holder.children)

    with own_servers(folder, environ) as running:
        assert ask(running.addresses) == ("utf-8", False, True)


def test_a_killed_server_is_started_again_at_its_address(folder, environ):
    with own_servers(folder, environ) as running:
        for pid in pids_of(running):
            os.kill(pid, signal.SIGKILL)
        assert all(gone(pid) for pid in pids_of(running))

        assert running.revive(environ) == ["postgres", "valkey-server"]
        assert ask(running.addresses) == ("utf-8", False, True)
        assert running.revive(environ) == []


def test_a_long_path_gets_a_short_socket_folder(tmp_path):
    long = DataFolder(tmp_path / ("d" * SOCKET_PATH_LIMIT))
    long.create()

    sockets = long.socket_folder()

    assert long.path not in sockets.parents
    assert len(str(sockets / ".s.PGSQL.5432")) <= SOCKET_PATH_LIMIT
    assert sockets.stat().st_mode & 0o777 == 0o700
    sockets.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives its servers another account")
def test_as_root_the_servers_run_as_another_account_and_only_their_folders_change_hands(folder, environ):
    with own_servers(folder, environ) as running:
        owners = {psutil.Process(pid).uids().real for pid in pids_of(running)}

    assert 0 not in owners
    assert folder.path.stat().st_uid == 0
    assert {(folder.path / name).stat().st_uid for name in ("postgres", "valkey")} == owners


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives its servers another account")
def test_as_root_a_folder_behind_a_closed_one_works_too(open_folder, environ):
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    behind = DataFolder(closed / "data")
    assert account_for(behind.path).searches

    with own_servers(behind, environ) as running:
        assert ask(running.addresses) == ("utf-8", False, True)


def test_a_missing_program_is_named_with_the_way_out(tmp_path):
    with pytest.raises(EngineMissing, match="LOYALTY_PG_BIN"):
        postgres_programs({"LOYALTY_PG_BIN": str(tmp_path)})
    with pytest.raises(EngineMissing, match="LOYALTY_VALKEY_BIN"):
        valkey_program({"LOYALTY_VALKEY_BIN": str(tmp_path / "none")})


def test_a_server_that_cannot_start_says_why(folder, environ):
    folder.create()
    (folder.path / "postgres").mkdir()
    (folder.path / "postgres/PG_VERSION").write_text("9\n")

    with pytest.raises(EngineDied, match="postgres"), own_servers(folder, environ):
        pass
