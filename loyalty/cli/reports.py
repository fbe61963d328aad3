"""How a command answers: words for people, or one JSON object for programs."""

import json
from collections.abc import Mapping
from typing import Any

import click


def tell(report: Mapping[str, Any], *, as_json: bool) -> None:
    """Write a report: one JSON object, or a line for each figure."""
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, default=str))
        return
    for name, value in report.items():
        words = json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list) else value
        click.echo(f"{name.replace('_', ' ')}: {words}")
