"""Tests stay on this machine."""

import socket

import pytest

from tests.fixtures.guards import TalksOutside


def test_a_test_cannot_reach_another_machine():
    with socket.socket() as line, pytest.raises(TalksOutside):
        line.connect(("192.0.2.1", 443))


def test_a_test_cannot_hand_a_mail_to_a_mail_server_on_this_machine():
    with socket.socket() as line, pytest.raises(TalksOutside):
        line.connect(("127.0.0.1", 25))


def test_a_test_reaches_its_own_servers():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as line:
        line.connect(server.getsockname())

        assert line.getpeername() == server.getsockname()
