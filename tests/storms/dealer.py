"""A dealer of its own for a storm: durable PostgreSQL, the real web server, and programs that never give up."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
from sqlalchemy.engine import make_url

from loyalty.engines.folder import DataFolder
from loyalty.engines.servers import own_servers
from loyalty.membership.rules import number_of

SUPERUSER = "postgres"
PATIENCE = 60  # seconds until a program that asks again and again gives up after all
ANSWER_SECONDS = 20
RULES = {
    "programme": "storm",
    "versions": [
        {
            "kind": "earning",
            "effective_from": "2020-01-01",
            "body": {
                "rounding": "floor",
                "stacking": "best",
                "rules": [
                    {
                        "code": "spend",
                        "name": {"zh": "消费积分", "en": "Points for spending"},
                        "per": "amount",
                        "points": "1",
                        "each": {"minor": 100, "currency": "CNY"},
                    }
                ],
            },
        },
        {"kind": "membership", "effective_from": "2020-01-01", "body": {"enrol": "first_sale"}},
    ],
}


class NoAnswer(Exception):
    """The connection ended before an answer came; what was asked may or may not have happened."""


@dataclass
class Dealer:
    """Addresses and processes of the storm's dealer."""

    servers: object
    environ: dict
    folder: Path
    port: int
    web: subprocess.Popen = None
    token: str = ""
    callers: threading.local = field(default_factory=threading.local)
    lines: list = field(default_factory=list)

    def loyalty(self, *words):
        """Run a command to its end; return what it wrote."""
        done = subprocess.run(
            [sys.executable, "-m", "loyalty.cli", *words],
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start_web(self, changed=""):
        """Start the web server and return when it answers; `changed` is Python that runs in it first."""
        words = ["web", "--port", str(self.port), "--workers", "2"]
        program = f"{changed}\nfrom loyalty.cli import main\nmain({words!r})"
        command = [sys.executable, "-c", program] if changed else [sys.executable, "-m", "loyalty.cli", *words]
        with (self.folder / "web.log").open("ab") as log:
            self.web = subprocess.Popen(command, env=self.environ, stdout=log, stderr=log)
        limit = time.monotonic() + PATIENCE
        while True:
            try:
                if self.ask("GET", "/healthz")[0] == 200:
                    return
            except NoAnswer:
                assert self.web.poll() is None, (self.folder / "web.log").read_text()[-2000:]
                assert time.monotonic() < limit
            time.sleep(0.1)

    def stop_web(self):
        """Stop the web server and return when it is gone."""
        self.web.terminate()
        try:
            self.web.wait(15)
        except subprocess.TimeoutExpired:
            self.web.kill()
            self.web.wait()

    @contextmanager
    def other_web(self, changed):
        """Meanwhile serve by a web server in which `changed` ran first: a safeguard is taken out of the product."""
        self.stop_web()
        self.start_web(changed)
        try:
            yield
        finally:
            self.stop_web()
            self.start_web()

    def ask(self, method, path, body=None, *, key=None):
        """Return status and answer of one request on this thread's connection; NoAnswer when it broke off."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        try:
            if getattr(self.callers, "line", None) is None:
                self.callers.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)
                self.lines.append(self.callers.line)
            self.callers.line.request(method, path, None if body is None else json.dumps(body), headers)
            answer = self.callers.line.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text[:1] in b"{[" else text
        except (OSError, http.client.HTTPException) as broken:
            self.hang_up()
            raise NoAnswer from broken

    def hang_up(self):
        """Close this thread's connection; the next request opens another."""
        if getattr(self.callers, "line", None) is not None:
            self.callers.line.close()
            self.callers.line = None

    def insist(self, method, path, body, *, key=None, done=(200, 201)):
        """Ask the same until it is answered for good, as the guide for integrators says; return status and answer."""
        limit = time.monotonic() + PATIENCE
        while time.monotonic() < limit:
            try:
                status, answer = self.ask(method, path, body, key=key)
            except NoAnswer:
                time.sleep(0.05)
                continue
            busy = status in (429, 500, 503) or (status == 409 and answer["code"] == "key_in_flight")
            if not busy:
                assert status in done, (status, answer)
                return status, answer
            time.sleep(0.05)
        raise AssertionError(f"{method} {path} was not answered within {PATIENCE} s")

    def ask_and_cut(self, path, body, *, key):
        """Send a request and close the line without reading what comes back."""
        text = json.dumps(body).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Type: application/json\r\nIdempotency-Key: {key}\r\nContent-Length: {len(text)}\r\n\r\n"
        )
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=ANSWER_SECONDS) as line:
                line.sendall(head.encode() + text)
        except OSError:
            pass  # the server was being killed just now, which is the point

    def kill_postgres(self):
        """Kill PostgreSQL and all its processes at once, as a power cut would, and start it again."""
        postgres = self.servers.engines[0].child
        os.killpg(postgres.pid, signal.SIGKILL)
        while postgres.running():
            time.sleep(0.01)
        self.servers.revive(self.environ)

    def kill_a_web_process(self):
        """Kill one of the processes that answer requests; return whether there was one. The parent starts another."""
        found = psutil.Process(self.web.pid).children()
        if found:
            found[0].kill()
        return bool(found)

    def rows(self, statement, parameters=None):
        """Return the rows of a statement, asked of the database itself."""
        url = make_url(self.environ["LOYALTY_DATABASE_URL"]).set(drivername="postgresql")
        with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
            return connection.execute(statement, parameters).fetchall()

    def as_superuser(self, statement):
        """Run a statement that the product may not."""
        url = make_url(self.environ["LOYALTY_DATABASE_URL"]).set(drivername="postgresql", username=SUPERUSER)
        with psycopg.connect(url.render_as_string(), autocommit=True) as connection:
            connection.execute(statement)

    def books_are_clean(self):
        """Return whether the ledger, counted from zero, has no finding."""
        return json.loads(self.loyalty("audit", "--json"))["clean"]

    def sale(self, number, customer="K-1", yuan=10):
        """The body of a sale that is worth a point for each yuan."""
        return {
            "source": "core",
            "number": number,
            "kind": "service",
            "store": "CD",
            "customer": {"number": customer},
            "occurred_at": "2026-03-10T10:00:00+08:00",
            "lines": [
                {"number": 1, "category": "labour", "quantity": 1, "gross": {"minor": yuan * 100, "currency": "CNY"}}
            ],
        }

    def member(self, customer, yuan):
        """Make a member with a point for each yuan; return the number."""
        self.insist("POST", "/api/v1/sales", self.sale(f"first of {customer}", customer, yuan))
        ((customer_id,),) = self.rows("SELECT customer_id FROM external_numbers WHERE number = %s", (customer,))
        return number_of(customer_id).replace(" ", "")


@contextmanager
def dealer(folder):
    """Give a dealer with a store and a programme, whose PostgreSQL keeps what it confirmed."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("LOYALTY_")}
    environ |= {"LOYALTY_DATA": str(folder), "LOYALTY_SECRET_KEY": "storm" * 8}
    with own_servers(DataFolder(folder), environ) as servers:
        environ["LOYALTY_DATABASE_URL"] = servers.addresses.database_url
        environ["LOYALTY_REDIS_URL"] = servers.addresses.redis_url
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        one = Dealer(servers, environ, folder, port)
        rules = folder / "rules.json"
        rules.write_text(json.dumps(RULES))
        one.loyalty("migrate")
        one.loyalty("stores", "create", "CD", "城东店")
        one.loyalty("programme", "load", str(rules))
        rights = ("sales.write", "sales.read", "members.read", "points.read", "points.redeem")
        told = one.loyalty(
            "clients", "create", "storm", *(word for right in rights for word in ("--permission", right))
        )
        one.token = told.strip().splitlines()[-1]
        one.start_web()
        try:
            yield one
        finally:
            for line in one.lines:
                line.close()
            one.stop_web()
