"""`loyalty web`: prepares what must stand before the application is loaded, then serves it."""

import os
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import click

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, envvar="LOYALTY_PORT", help="Port to listen on.")
@click.option("--workers", default=2, show_default=True, help="Processes, each with 8 threads.")
def web(host: str, port: int, workers: int) -> None:
    """Run the web server alone."""
    # Processes count requests in files that they share; the library decides so when it is imported.
    place = MEMORY if os.access(MEMORY, os.W_OK) else None
    with TemporaryDirectory(prefix="loyalty-metrics-", dir=place) as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        import_module("loyalty.cli.webserver").serve_alone(f"{host}:{port}", workers)
