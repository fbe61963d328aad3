"""What is done with links: made, paused, read, received, taken, settled."""

from loyalty.links.service.links import (
    ask_for_reading,
    change_plan,
    create_pull,
    create_webhook,
    link_actor,
    map_columns,
    rotate_secret,
    set_paused,
    sweep_secrets,
)
from loyalty.links.service.receiving import Received, forget_bodies, receive, try_again, work_on
from loyalty.links.service.rejecting import dismiss_reject

__all__ = [
    "Received",
    "ask_for_reading",
    "change_plan",
    "create_pull",
    "create_webhook",
    "dismiss_reject",
    "forget_bodies",
    "link_actor",
    "map_columns",
    "receive",
    "rotate_secret",
    "set_paused",
    "sweep_secrets",
    "try_again",
    "work_on",
]
