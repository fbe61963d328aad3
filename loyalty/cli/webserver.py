"""`loyalty web`: gunicorn around the application, loaded once, forked, with threads for slow clients."""

from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

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

    Loaded(app, {**SETTINGS, "bind": address, "workers": workers, "post_fork": post_fork}).run()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, envvar="LOYALTY_PORT", help="Port to listen on.")
@click.option("--workers", default=2, show_default=True, help="Processes, each with 8 threads.")
def web(host: str, port: int, workers: int) -> None:
    """Run the web server alone."""
    with ready_servers():
        app = create_app()
        settle_heap()
        run_web(app, f"{host}:{port}", workers)
