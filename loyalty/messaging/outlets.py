"""Which carrier this installation uses; wiring.py chooses it."""

from typing import cast

from flask import Flask, current_app

from loyalty.messaging.ports import TextSender

_PLACE = "loyalty.texts"


def init_app(app: Flask, texts: TextSender) -> None:
    """Let the application send its text messages by `texts`."""
    app.extensions[_PLACE] = texts


def text_sender() -> TextSender:
    """Return the carrier of text messages."""
    return cast("TextSender", current_app.extensions[_PLACE])
