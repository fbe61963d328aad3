"""How this installation reaches core databases, and how the bodies of events are read; wiring.py chooses both."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from flask import Flask, current_app

from loyalty.links.ports import CoreDatabases
from loyalty.links.rules import Item

Reader = Callable[[Mapping[str, Any], str], list[Item]]
"""Reads the items of an event (or of one item in an event's form) whose sales are of a source."""

_DATABASES, _READER = "loyalty.core_databases", "loyalty.event_reader"


def init_app(app: Flask, databases: CoreDatabases, reader: Reader) -> None:
    """Let the application reach core databases by `databases` and read events by `reader`."""
    app.extensions[_DATABASES] = databases
    app.extensions[_READER] = reader


def core_databases() -> CoreDatabases:
    """Return what opens core databases."""
    return cast("CoreDatabases", current_app.extensions[_DATABASES])


def event_reader() -> Reader:
    """Return what reads the body of an event."""
    return cast("Reader", current_app.extensions[_READER])
