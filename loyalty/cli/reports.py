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
        if isinstance(value, list) and value:
            click.echo(f"{name.replace('_', ' ')}:")
            for one in value:
                click.echo(f"  {_line(one)}")
        else:
            click.echo(f"{name.replace('_', ' ')}: {_words(value)}")


def _line(row: object) -> str:
    """Return one row of a list: each figure by its name."""
    return ", ".join(f"{name} {_words(value)}" for name, value in row.items()) if isinstance(row, dict) else str(row)


def _words(value: object) -> object:
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list) else value
