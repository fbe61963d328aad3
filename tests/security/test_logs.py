"""What must not stand in a log never does: by structlog, by Python's logging, in tracebacks, and from requests."""

import io
import json
import logging

import pytest
import structlog

from loyalty.kernel import logs

TOKEN = "lJIVxqie4csDJanpc7SHq0PIwoBZ70_1fGBun_1NDvg"  # of the form of new_token(); the same in every test process
HIDDEN = [
    "13812345678",
    "+8613812345678",
    "138 1234 5678",
    "%2B8613812345678",
    "11010519491231002X",
    "110105199003071234",
    "京A12345",
    "沪AD12345",
    TOKEN,
]
NAMED = [
    "Authorization: Bearer abcdefgh12345678",
    "Cookie: __Host-staff=abc; theme=dark",
    "password=correct horse",
    "code=123456",
    "csrf_token=abc.def.ghi",
    "{'password': 'correct', 'code': '654321'}",
    "postgresql://app:hidden@db/loyalty",
    "LOYALTY_SECRET_KEY=0123456789abcdef",
]
SECRET_PARTS = ["abcdefgh12345678", "=abc;", "correct", "123456", "abc.def", "654321", "hidden", "0123456789abcdef"]
HARMLESS = [
    "order 20260312001 of 2026-03-12 14:08 came to 123400",
    "points.not_enough: There are 8,420 points",
    "head 12:" + "ab" * 32,
    "the year 1998 and 6,919 sales, 244091.94 in all",
]


@pytest.mark.parametrize("secret", HIDDEN)
def test_what_has_the_form_of_something_personal_is_left_out(secret):
    assert secret not in logs.redacted(f"told {secret}, and so on")
    assert secret not in logs.redacted(f"/staff/search?q={secret}&x=1")


@pytest.mark.parametrize("text", NAMED)
def test_what_is_named_a_secret_is_left_out(text):
    told = logs.redacted(text)

    assert logs.GONE in told
    assert not [part for part in SECRET_PARTS if part in told]


@pytest.mark.parametrize("text", HARMLESS)
def test_the_rest_stays(text):
    assert logs.redacted(text) == text


def fail():
    raise ValueError("nobody has 13812345678")


def test_an_event_is_left_without_its_secrets_whatever_they_are_in(capsys):
    logs.configure()

    structlog.get_logger().info(
        "sign_in",
        phone="138",
        token="x",
        headers={"Authorization": "Bearer x", "Accept": "text/html"},
        told=["13812345678", ("京A12345",)],
        number=13812345678,
        figure=42,
        nothing=None,
    )

    event = json.loads(capsys.readouterr().err)
    assert (event["phone"], event["token"], event["number"]) == (logs.GONE, logs.GONE, logs.GONE)
    assert event["headers"] == {"Authorization": logs.GONE, "Accept": "text/html"}
    assert event["told"] == [logs.GONE, [logs.GONE]]
    assert (event["figure"], event["nothing"], event["event"]) == (42, None, "sign_in")


def test_an_error_of_structlog_is_told_without_what_it_held(capsys):
    logs.configure()
    try:
        fail()
    except ValueError:
        structlog.get_logger().exception("failed")

    told = capsys.readouterr().err
    assert "ValueError" in told
    assert "13812345678" not in told


def record_of(logger, write):
    """What a handler of the logger writes."""
    told = io.StringIO()
    handler = logging.StreamHandler(told)
    logger.addHandler(handler)
    try:
        write()
    finally:
        logger.removeHandler(handler)
    return told.getvalue()


def test_a_record_of_any_library_and_its_traceback_are_written_over():
    logs.configure()
    logger = logging.getLogger("some.library")

    def write():
        try:
            fail()
        except ValueError:
            logger.exception("at %s", "/staff/search?q=13812345678")

    told = record_of(logger, write)
    assert "ValueError" in told
    assert "13812345678" not in told


def test_without_the_safeguard_the_phone_would_stand_there():
    """The negative control."""
    logger = logging.getLogger("some.library")
    before = logging.getLogRecordFactory()
    logging.setLogRecordFactory(logging.LogRecord)
    try:
        told = record_of(logger, lambda: logger.warning("at %s", "13812345678"))
    finally:
        logging.setLogRecordFactory(before)

    assert "13812345678" in told


def test_an_unexpected_error_of_a_request_is_logged_without_what_was_sent(client, monkeypatch):
    def fails(*_args, **_more):
        raise RuntimeError("no place for 13812345678")

    monkeypatch.setattr("loyalty.owners.service.issue_code", fails)
    monkeypatch.setitem(client.application.config, "WTF_CSRF_ENABLED", False)
    logger = logging.getLogger("loyalty.web.errors")

    told = record_of(
        logger, lambda: client.post("/my/login?phone=13812345678", data={"phone": "13812345678", "privacy": "on"})
    )

    assert "RuntimeError" in told
    assert "13812345678" not in told


def test_an_error_of_a_statement_names_no_parameters(app):
    options = app.config["SQLALCHEMY_ENGINE_OPTIONS"]

    assert options["hide_parameters"] is True
