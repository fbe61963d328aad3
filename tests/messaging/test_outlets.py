"""Sending that nobody waits for."""

import logging
import threading

import pytest

from loyalty.messaging import outlets
from loyalty.messaging.rules import Rendered


class Slow:
    """A carrier that takes its time, then answers or fails."""

    def __init__(self, problem=None):
        self.go = threading.Event()
        self.done = threading.Event()
        self.problem = problem

    def send_text(self, phone, said):
        assert phone
        assert said.text
        assert self.go.wait(timeout=10)
        self.done.set()
        if self.problem:
            raise self.problem


@pytest.fixture
def carry(app, monkeypatch):
    def carry(sender):
        monkeypatch.setitem(app.extensions, "loyalty.texts", sender)
        with app.app_context():
            outlets.send_soon("+8613812345678", Rendered("code 123456", None, {"code": "123456"}, None))

    return carry


def test_a_slow_carrier_keeps_nobody_waiting(carry):
    sender = Slow()

    carry(sender)
    early = sender.done.is_set()
    sender.go.set()

    assert early is False
    assert sender.done.wait(timeout=10)


def test_a_failing_carrier_is_logged_without_the_words_of_the_message(carry, caplog):
    sender = Slow(ConnectionError("no route to +8613812345678: code 123456"))

    with caplog.at_level(logging.ERROR):
        carry(sender)
        sender.go.set()
        outlets._courier.submit(str).result(timeout=10)
        assert sender.done.wait(timeout=10)
        for _ in range(100):
            if caplog.messages:
                break
            threading.Event().wait(0.05)

    assert caplog.messages == ["A text message was not taken over: ConnectionError"]
    assert "123456" not in caplog.text
    assert "138" not in caplog.text
