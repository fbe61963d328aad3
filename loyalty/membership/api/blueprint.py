"""The blueprint, and what all operations of members share."""

from collections.abc import Callable
from typing import Any

from flask import request

from loyalty.kernel.keys import once
from loyalty.web.api import ApiBlueprint
from loyalty.web.requests import current_actor

operations = ApiBlueprint(
    "members",
    __name__,
    url_prefix="/members",
    description="Members, their points and levels. Every answer that changed something tells its effects.",
)


def keyed(operation: str, body: Any, work: Callable[[], dict[str, Any]], *, dry_run: bool = False) -> dict[str, Any]:
    """Return the answer of `work`, once for the Idempotency-Key of this request; a dry run leaves the key unused."""
    key = None if dry_run else request.headers.get("Idempotency-Key")
    actor = current_actor()
    return once(key, caller=f"{actor.kind}:{actor.id}", operation=operation, body=body, work=work)
