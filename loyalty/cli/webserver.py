"""gunicorn around the application, loaded once, forked, with threads for slow clients."""

from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from prometheus_client import multiprocess

from loyalty.app import create_app
from loyalty.cli.application import ready_servers
from loyalty.kernel.db import db
from loyalty.kernel.heap import settle_heap

SETTINGS = {
    "worker_class": "gthread",
    "threads": 8,
    "preload_app": True,
    "control_socket_disable": True,
    "timeout": 30,
    "graceful_timeout": 20,
    "keepalive": 5,
    "loglevel": "warning",
    "worker_tmp_dir": "/dev/shm",  # noqa: S108 - gunicorn makes its own private file there, off the disk
}


class Loaded(BaseApplication):  # type: ignore[misc] # gunicorn has no types
    """gunicorn around an application that is loaded already."""

    def __init__(self, app: Flask, settings: dict[str, Any]) -> None:
        self.app = app
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Take our settings, and neither a file nor the command line."""
        for name, value in self.settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Return the application."""
        return self.app


def run_web(app: Flask, address: str, workers: int) -> None:
    """Serve until SIGTERM; a fork takes no connection over from its parent."""

    def post_fork(server: object, worker: object) -> None:
        del server, worker
        with app.app_context():
            db.engine.dispose(close=False)

    def child_exit(server: object, worker: Any) -> None:
        del server
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]

    own = {"bind": address, "workers": workers, "post_fork": post_fork, "child_exit": child_exit}
    Loaded(app, {**SETTINGS, **own}).run()


def serve_alone(address: str, workers: int) -> None:
    """Load the application for the servers that run, or our own, and serve it at `address`."""
    with ready_servers():
        app = create_app()
        settle_heap()
        run_web(app, address, workers)
