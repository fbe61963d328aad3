"""Which carriers this installation uses (wiring.py chooses them), and sending that nobody waits for."""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import cast

from flask import Flask, current_app

from loyalty.messaging.ports import Carrier, Receipt, Teller, TextSender, Ways
from loyalty.messaging.rules import Rendered

logger = logging.getLogger(__name__)

_PLACE = "loyalty.texts"
_CARRIERS = "loyalty.carriers"
_ADDRESS = "loyalty.public_url"
_HOOKS = "loyalty.hooks"
_TELLERS = "loyalty.tellers"
# Its threads start with the first message, so each process has its own, forked or not; what is under way when the
# process ends is finished first.
_courier = ThreadPoolExecutor(max_workers=4, thread_name_prefix="texts")


def init_app(app: Flask, ways: Ways) -> None:
    """Let the application send its text messages, and what waits in the outbox, by these ways."""
    app.extensions[_PLACE] = ways.texts
    app.extensions[_CARRIERS] = dict(ways.carriers)
    app.extensions[_HOOKS] = ways.hooks
    app.extensions[_TELLERS] = dict(ways.tellers)
    app.extensions[_ADDRESS] = ways.public_url.rstrip("/")


def text_sender() -> TextSender:
    """Return the carrier of one-time codes."""
    return cast("TextSender", current_app.extensions[_PLACE])


def carrier_of(channel: str) -> Carrier:
    """Return the carrier of a channel of the outbox."""
    return cast("Carrier", current_app.extensions[_CARRIERS][channel])


def telling() -> list[str]:
    """Return the channels whose provider says what became of a message."""
    return sorted(cast("Mapping[str, Teller]", current_app.extensions[_TELLERS]))


def teller_of(channel: str) -> Teller | None:
    """Return the provider that can be asked about messages of a channel, or None."""
    return cast("Mapping[str, Teller]", current_app.extensions[_TELLERS]).get(channel)


def hook_carrier(url: str, secret: str) -> Carrier:
    """Return who carries events to the receiver at an address, signed by its secret."""
    return cast("Callable[[str, str], Carrier]", current_app.extensions[_HOOKS])(url, secret)


def public_url() -> str | None:
    """Return the address of this installation without a slash at its end, or None when nobody said."""
    return cast("str", current_app.extensions[_ADDRESS]) or None


def send_soon(phone: str, said: Rendered) -> None:
    """Hand a code over in the background: how long the carrier takes shows nowhere, and its failure is only logged."""
    _courier.submit(text_sender().send_text, phone, said).add_done_callback(_note_failure)


def _note_failure(sending: Future[Receipt]) -> None:
    problem = sending.exception()
    if problem is not None:
        logger.error("A text message was not taken over: %s", type(problem).__name__)  # never its words: it is a code
