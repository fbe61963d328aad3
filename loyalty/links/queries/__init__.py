"""What is asked of links."""

from loyalty.links.queries.links import (
    core_url,
    link_by_code,
    link_by_id,
    links,
    pull_codes,
    pulls_due,
    secret_views,
    secrets_in_force,
)
from loyalty.links.queries.passages import (
    event_place,
    event_row,
    events_due,
    expected_numbers,
    latest_passages,
    open_rejects,
    reject_place,
    reject_view,
    rejects_page,
    standings,
)
from loyalty.links.queries.views import LinkView, Passage, PullView, RejectView, SecretView, Standing

__all__ = [
    "LinkView",
    "Passage",
    "PullView",
    "RejectView",
    "SecretView",
    "Standing",
    "core_url",
    "event_place",
    "event_row",
    "events_due",
    "expected_numbers",
    "latest_passages",
    "link_by_code",
    "link_by_id",
    "links",
    "open_rejects",
    "pull_codes",
    "pulls_due",
    "reject_place",
    "reject_view",
    "rejects_page",
    "secret_views",
    "secrets_in_force",
    "standings",
]
