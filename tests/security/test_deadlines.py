"""A database that hangs is answered with 503 within the deadline, and used again when it is back; so is Valkey."""

import json
import os
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg
import pytest
from sqlalchemy import text

from loyalty.app import create_app
from loyalty.cli.schema import upgrade
from loyalty.engines.folder import DataFolder
from loyalty.engines.servers import own_servers
from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.crypto import new_token, token_hash
from loyalty.kernel.db import db
from loyalty.staff.service import create_account, create_api_client
from loyalty.web.limits import limiter
from tests.fixtures.engines import plain

NOW = datetime(2026, 3, 12, 6, 8, tzinfo=UTC)
DEADLINE = 1.0
BOUND = DEADLINE + 2.0
PATHS = ("/staff/me", "/api/v1/stores", "/readyz")


@pytest.fixture(scope="module")
def own(environment):
    """Servers of this file alone, which may be stopped without stopping anybody else's."""
    with TemporaryDirectory(prefix="loyalty-hang-") as folder:
        Path(folder).chmod(0o711)
        given = ("LOYALTY_DATABASE_URL", "LOYALTY_REDIS_URL")  # those of the run belong to all tests
        environ = {name: value for name, value in os.environ.items() if name not in given}
        with own_servers(DataFolder(Path(folder)), {**environ, "LOYALTY_EPHEMERAL": "1"}) as servers:
            upgrade(servers.addresses.database_url)
            yield servers


@pytest.fixture(scope="module")
def callers(own):
    """The headers and cookies by which a program and an account are known."""
    with serving(own) as app, app.app_context():
        _, token = create_api_client(name="probe", permissions=["sales.read"], now=NOW, by=SYSTEM)
        account = create_account(username="hang", name="林悦", password="a long passphrase", now=NOW, by=SYSTEM)
        uniquifier = db.session.execute(text("SELECT fs_uniquifier FROM staff_accounts")).scalar_one()
        cookie = new_token()
        db.session.execute(
            text("""
                INSERT INTO web_sessions (id_hash, kind, subject_id, data, agent, address, created_at, seen_at)
                VALUES (:id_hash, 'staff', :account, CAST(:data AS jsonb), '', '-', now(), now())
            """),
            {"id_hash": token_hash(cookie), "account": account, "data": json.dumps({"_user_id": uniquifier})},
        )
        db.session.commit()
    return token, cookie


@contextmanager
def serving(own, **settings):
    """The application on these servers, with the deadline of this file unless told otherwise."""
    named = {
        "LOYALTY_DATABASE_URL": own.addresses.database_url,
        "LOYALTY_REDIS_URL": own.addresses.redis_url,
        "LOYALTY_REQUEST_DEADLINE_MS": int(DEADLINE * 1000),
    }
    limits = dict(vars(limiter))  # one for the process, which the application of the other tests has set up
    app = create_app({**named, **settings, "TESTING": False, "PROPAGATE_EXCEPTIONS": False})
    try:
        yield app
    finally:
        vars(limiter).clear()
        vars(limiter).update(limits)
        with app.app_context():
            db.engine.dispose()


@contextmanager
def stopped(url):
    """Stop the whole PostgreSQL, as a machine does whose disk hangs; let it go on afterwards."""
    with psycopg.connect(plain(url)) as connection:
        postmaster = psutil.Process(connection.info.backend_pid).parent()
    family = [postmaster]
    try:
        postmaster.suspend()  # before its children are listed, so that none is added
        family += postmaster.children(recursive=True)
        for one in family:
            with suppress(psutil.NoSuchProcess):  # an autovacuum that has just ended
                one.suspend()
        yield
    finally:
        for one in family:
            with suppress(psutil.NoSuchProcess):
                one.resume()


class Caller:
    """Asks with everything by which it could be known, and tells how long it took."""

    def __init__(self, app, known):
        self.app, (self.token, self.cookie) = app, known

    def get(self, path):
        client = self.app.test_client()
        client.set_cookie("loyalty-staff", self.cookie)
        begun = time.monotonic()
        answer = client.get(path, headers={"Authorization": f"Bearer {self.token}"}, buffered=True)
        return answer, time.monotonic() - begun


@pytest.mark.processes
def test_a_database_that_hangs_is_answered_with_503_and_used_again_when_it_is_back(own, callers):
    with serving(own) as app:
        caller = Caller(app, callers)
        for path in PATHS:
            assert caller.get(path)[0].status_code == 200, path

        with stopped(own.addresses.database_url):
            for path in PATHS:
                answer, took = caller.get(path)
                # The first finds an open line that hangs; the others wait for a new one no longer than for connecting.
                assert (answer.status_code, took < max(BOUND, 7)) == (503, True), (path, took)
            alive, took = caller.get("/healthz")
            assert (alive.status_code, took < 1) == (200, True)

        for path in PATHS:
            assert caller.get(path)[0].status_code == 200, path


@pytest.mark.processes
def test_a_line_that_hangs_is_cut_within_the_deadline_for_each_of_many_requests(own, callers):
    with serving(own) as app:
        caller = Caller(app, callers)
        with ThreadPoolExecutor(4) as pool:
            warm = list(pool.map(caller.get, ["/api/v1/stores"] * 4))  # lines that are open when it stops
            assert {answer.status_code for answer, _ in warm} == {200}
            with stopped(own.addresses.database_url):
                hanging = list(pool.map(caller.get, ["/api/v1/stores"] * 4))

    assert {answer.status_code for answer, _ in hanging} == {503}
    assert all(answer.headers["Retry-After"] and answer.json["code"] == "unavailable" for answer, _ in hanging)
    assert min(took for _, took in hanging) < BOUND


@pytest.mark.processes
def test_without_the_deadline_the_request_would_hang(own, callers):
    """The negative control."""
    with serving(own, LOYALTY_REQUEST_DEADLINE_MS=0) as app:
        caller = Caller(app, callers)
        caller.get("/api/v1/stores")
        with ThreadPoolExecutor(1) as pool, stopped(own.addresses.database_url):
            asked = pool.submit(caller.get, "/api/v1/stores")
            time.sleep(BOUND)
            hangs = not asked.done()
            # It goes on when the server does, at the end of this block.

        assert hangs
        assert asked.result()[0].status_code == 200


@pytest.mark.processes
def test_a_statement_within_its_time_is_not_disturbed(own, callers):
    with serving(own, LOYALTY_REQUEST_DEADLINE_MS=3000) as app, app.app_context():
        assert db.session.execute(text("SELECT 1 FROM pg_sleep(0.5)")).scalar_one() == 1


@contextmanager
def silent_valkey():
    """Something that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = []

        def take():
            while True:
                try:
                    taken.append(server.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        for connection in taken:
            connection.close()
    thread.join(1)


@pytest.mark.processes
@pytest.mark.parametrize("how", ["away", "silent"])
def test_without_valkey_sign_in_and_the_api_go_on_and_limits_are_counted_in_the_process(own, callers, how):
    with silent_valkey() as silent:
        url = silent if how == "silent" else "redis://127.0.0.1:1/0"
        with serving(own, LOYALTY_REDIS_URL=url) as app:
            app.config["WTF_CSRF_ENABLED"] = False
            client = app.test_client()
            begun = time.monotonic()
            page = client.post("/staff/login", data={"username": "hang", "password": "a wrong passphrase"})

            assert page.status_code == 422
            assert time.monotonic() - begun < 10
            assert Caller(app, callers).get("/api/v1/stores")[0].status_code == 200
            tried = [client.post("/my/login", data={"phone": "1"}).status_code for _ in range(62)]
            assert (tried[0], tried[-1]) == (422, 429)
