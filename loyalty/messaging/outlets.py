"""Which carrier this installation uses (wiring.py chooses it), and sending that nobody waits for."""

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from typing import cast

from flask import Flask, current_app

from loyalty.messaging.ports import Receipt, TextSender

logger = logging.getLogger(__name__)

_PLACE = "loyalty.texts"
# Its threads start with the first message, so each process has its own, forked or not; what is under way when the
# process ends is finished first.
_courier = ThreadPoolExecutor(max_workers=4, thread_name_prefix="texts")


def init_app(app: Flask, texts: TextSender) -> None:
    """Let the application send its text messages by `texts`."""
    app.extensions[_PLACE] = texts


def text_sender() -> TextSender:
    """Return the carrier of text messages."""
    return cast("TextSender", current_app.extensions[_PLACE])


def send_soon(phone: str, text: str) -> None:
    """Hand a text over in the background: how long the carrier takes shows nowhere, and its failure is only logged."""
    _courier.submit(text_sender().send_text, phone, text).add_done_callback(_note_failure)


def _note_failure(sending: Future[Receipt]) -> None:
    problem = sending.exception()
    if problem is not None:
        logger.error("A text message was not taken over: %s", type(problem).__name__)  # never its words: it is a code
