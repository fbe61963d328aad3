"""What is done with links: made, paused, read, received, taken, settled."""

from loyalty.links.service.comparing import accept_missing
from loyalty.links.service.forgetting import forget_people
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
from loyalty.links.service.pulling import Pulled, Tested, pull, rehearse, test_connection
from loyalty.links.service.receiving import Received, forget_answers, receive, try_again, work_on
from loyalty.links.service.rejecting import dismiss_reject, forget_settled
from loyalty.links.service.retrying import retry_rejects

__all__ = [
    "Pulled",
    "Received",
    "Tested",
    "accept_missing",
    "ask_for_reading",
    "change_plan",
    "create_pull",
    "create_webhook",
    "dismiss_reject",
    "forget_answers",
    "forget_people",
    "forget_settled",
    "link_actor",
    "map_columns",
    "pull",
    "receive",
    "rehearse",
    "retry_rejects",
    "rotate_secret",
    "set_paused",
    "sweep_secrets",
    "test_connection",
    "try_again",
    "work_on",
]
