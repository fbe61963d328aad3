"""Writing down that a list was taken out of the house."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from loyalty.kernel.actor import Actor
from loyalty.staff.service.audit import AuditEntry, record_audit


def record_export(name: str, asked: Mapping[str, Any], *, now: datetime, by: Actor) -> None:
    """Keep who exported which list, by which filter; fields that were left open are left out.

    What was typed into a search may name a person, whom the trail could not forget: only that there was one is kept.
    """
    given = {field: value for field, value in asked.items() if value not in {None, ""}}
    told = {"list": name, **given, **({"q": "***"} if "q" in given else {})}
    record_audit([AuditEntry("list.exported", "list", None, by, now, after=told)])
