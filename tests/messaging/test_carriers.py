"""Carriers against a stand-in of their providers: what is documented, and garbage, slow, redirected and cut answers."""

import json
import socket
import time
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, parse_qsl

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from loyalty.messaging.adapters import Aliyun, AliyunCodes, ConsoleTexts, Mail, WeChat
from loyalty.messaging.adapters.aliyun import NotTaken, signature
from loyalty.messaging.ports import Answer, Outgoing
from loyalty.messaging.rules import Rendered
from tests.messaging.stand_in import standing_in

OUT = Outgoing("m1", "+8613812340001", "王建国，您的车已修好。", "维修完成", values={"name": "王建国"}, number="SMS_1")
NOON = datetime(2026, 3, 12, 4, tzinfo=UTC)
DONE = {"Message": "OK", "RequestId": "R", "BizId": "B^0", "Code": "OK"}
TOKEN = (200, {"access_token": "T-1", "expires_in": 7200})
BAD_TRANSPORT = [
    ((200, b"<html>surprise</html>"), "lost"),
    ((200, []), "lost"),
    ((200, {}), "lost"),
    ((200, DONE, "cut"), "lost"),
    ((200, DONE, "short"), "lost"),
    ((302, {}, "redirected"), "busy"),
    ((429, {}), "busy"),
    ((503, b""), "busy"),
    ((500, b""), "lost"),
    ((502, b"<html>"), "lost"),
    ((404, b"gone"), "refused"),
]


@pytest.fixture
def provider():
    with standing_in() as one:
        yield one


@pytest.fixture
def sms(provider):
    return Aliyun("key", "secret", "城东店", provider.url, clock=lambda: NOON)


@pytest.fixture
def wechat(provider):
    provider.answers["/cgi-bin/token"] = TOKEN
    return WeChat("wx1", "secret", provider.url)


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_a_text_is_signed_and_taken_over(provider, sms):
    provider.answers["/"] = (200, DONE)

    answer = sms.send(OUT, seconds=5)

    ((path, _headers, body),) = provider.asked
    sent = dict(parse_qsl(body.decode()))
    given = sent.pop("Signature")
    assert answer == Answer("accepted", "B^0")
    assert given == signature(sent, "secret")
    assert (path, sent["PhoneNumbers"], sent["TemplateCode"], sent["OutId"]) == ("/", "13812340001", "SMS_1", "m1")
    assert json.loads(sent["TemplateParam"]) == {"name": "王建国"}
    assert sent["Timestamp"] == "2026-03-12T04:00:00Z"


def test_the_signature_is_the_documented_one():
    asked = {
        "AccessKeyId": "testid",
        "Action": "SendSms",
        "Format": "XML",
        "OutId": "123",
        "PhoneNumbers": "15300000001",
        "RegionId": "cn-hangzhou",
        "SignName": "阿里云短信测试专用",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": "45e25e9b-0a6f-4070-8c85-2956eda1b466",
        "SignatureVersion": "1.0",
        "TemplateCode": "SMS_71390007",
        "TemplateParam": '{"customer":"test"}',
        "Timestamp": "2017-07-12T02:42:19Z",
        "Version": "2017-05-25",
    }
    other = signature({**asked, "OutId": "124"}, "testSecret")

    assert signature(asked, "testSecret") != other
    assert signature(dict(reversed(asked.items())), "testSecret") == signature(asked, "testSecret")


@pytest.mark.parametrize(
    ("code", "status", "outcome"),
    [
        ("isv.BUSINESS_LIMIT_CONTROL", 200, "busy"),
        ("isv.AMOUNT_NOT_ENOUGH", 200, "busy"),
        ("Throttling.User", 400, "busy"),
        ("isv.MOBILE_NUMBER_ILLEGAL", 200, "refused"),
        ("isv.SMS_TEMPLATE_ILLEGAL", 200, "refused"),
        ("SignatureDoesNotMatch", 400, "refused"),
        ("isp.SYSTEM_ERROR", 200, "lost"),
    ],
)
def test_what_the_gateway_says_instead(provider, sms, code, status, outcome):
    provider.answers["/"] = (status, {"Code": code, "Message": "…", "RequestId": "R"})

    assert sms.send(OUT, seconds=5) == Answer(outcome, detail=code)


@pytest.mark.parametrize(("said", "outcome"), BAD_TRANSPORT)
def test_answers_of_the_gateway_that_cannot_be(provider, sms, said, outcome):
    provider.answers["/"] = said

    answer = sms.send(OUT, seconds=5)

    assert answer.outcome == outcome
    assert len(provider.asked) == 1  # neither tried twice nor sent elsewhere
    assert "138" not in (answer.detail or "")


def test_an_answer_that_drips_is_lost_in_time(provider, sms):
    provider.answers["/"] = (200, {**DONE, "Message": "x" * 100}, "slow")
    began = time.monotonic()

    assert sms.send(OUT, seconds=1).outcome == "lost"
    assert time.monotonic() - began < 3


def test_a_gateway_that_is_not_there_leaves_the_message_waiting(sms):
    assert replace(sms, url=f"http://127.0.0.1:{free_port()}").send(OUT, seconds=5).outcome == "busy"


def test_a_template_without_a_number_is_refused_and_nothing_is_asked(provider, sms, wechat):
    plain = replace(OUT, number=None)

    assert [one.send(plain, seconds=5).outcome for one in (sms, wechat)] == ["refused", "refused"]
    assert provider.asked == []


CODE = Rendered("验证码 123456，5 分钟内有效，客服 4008001234", None, {"code": "123456", "minutes": "5"}, None)


@pytest.mark.parametrize(
    ("said", "sent"),
    [(CODE, ("SMS_CODE", {"code": "123456"})), (replace(CODE, number="SMS_7"), ("SMS_7", CODE.values))],
)
def test_a_code_goes_by_its_own_approved_text(provider, sms, said, sent):
    provider.answers["/"] = (200, DONE)
    codes = AliyunCodes(sms, "SMS_CODE", sink=None)

    codes.send_text("+8613812340001", said)

    asked = dict(parse_qsl(provider.asked[0][2].decode()))
    assert (asked["TemplateCode"], json.loads(asked["TemplateParam"])) == sent
    provider.answers["/"] = (200, {"Code": "isv.BUSINESS_LIMIT_CONTROL"})
    with pytest.raises(NotTaken) as problem:
        codes.send_text("+8613812340001", said)
    assert "123456" not in str(problem.value)


def test_a_code_without_an_approved_text_goes_to_the_sink(provider, sms, tmp_path):
    AliyunCodes(sms, "", ConsoleTexts(tmp_path)).send_text("+8613812340001", CODE)

    assert provider.asked == []
    assert "123456" in (tmp_path / "outbox.log").read_text(encoding="utf-8")


def test_a_template_message_is_taken_over_and_the_token_is_fetched_once(provider, wechat):
    provider.answers["/cgi-bin/message"] = (200, {"errcode": 0, "errmsg": "ok", "msgid": 200228332})
    out = replace(OUT, address="open-1")

    answers = [wechat.send(out, seconds=5) for _ in range(2)]

    assert answers == [Answer("accepted", "200228332")] * 2
    paths = [path for path, _, _ in provider.asked]
    assert [path.split("?")[0] for path in paths] == ["/cgi-bin/token"] + ["/cgi-bin/message/template/send"] * 2
    assert parse_qs(paths[1].split("?")[1]) == {"access_token": ["T-1"]}
    sent = json.loads(provider.asked[1][2])
    assert (sent["touser"], sent["template_id"], sent["client_msg_id"]) == ("open-1", "SMS_1", "m1")
    assert sent["data"] == {"name": {"value": "王建国"}}


@pytest.mark.parametrize(
    ("code", "outcome"), [(-1, "busy"), (45009, "busy"), (40001, "busy"), (43004, "refused"), (47003, "refused")]
)
def test_what_wechat_says_instead(provider, wechat, code, outcome):
    provider.answers["/cgi-bin/message"] = (200, {"errcode": code, "errmsg": "…"})

    assert wechat.send(OUT, seconds=5) == Answer(outcome, detail=f"errcode {code}")


def test_a_token_that_is_no_longer_good_is_fetched_anew(provider, wechat):
    provider.answers["/cgi-bin/message"] = (200, {"errcode": 42001, "errmsg": "expired"})
    wechat.send(OUT, seconds=5)
    provider.answers["/cgi-bin/message"] = (200, {"errcode": 0, "msgid": 1})

    assert wechat.send(OUT, seconds=5).outcome == "accepted"
    assert sum(path.startswith("/cgi-bin/token") for path, _, _ in provider.asked) == 2


@pytest.mark.parametrize(("said", "outcome"), BAD_TRANSPORT)
def test_answers_of_wechat_that_cannot_be(provider, wechat, said, outcome):
    provider.answers["/cgi-bin/message"] = said

    assert wechat.send(OUT, seconds=5).outcome == outcome


@pytest.mark.parametrize("said", [(200, b"?"), (200, {"errcode": 40013}), (500, b""), (200, {}, "cut")])
def test_without_a_token_nothing_was_sent_and_the_message_waits(provider, wechat, said):
    provider.answers["/cgi-bin/token"] = said

    assert wechat.send(OUT, seconds=5).outcome == "busy"
    assert all(path.startswith("/cgi-bin/token") for path, _, _ in provider.asked)


class Postbox:
    """A mail server's mind: it keeps what it takes, and refuses what it is told to."""

    def __init__(self):
        self.mails = []
        self.rcpt = "250 OK"
        self.data = "250 OK"

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802 - aiosmtpd's name
        envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server, _session, envelope):  # noqa: N802 - as above
        self.mails.append(envelope)
        if self.data == "cut":
            server.transport.abort()
        return self.data


class QuietServer(Controller):
    def factory(self):
        return SMTP(self.handler, hostname="mail.example", enable_SMTPUTF8=True)


@pytest.fixture
def postbox():
    box = Postbox()
    server = QuietServer(box, hostname="127.0.0.1", port=free_port())
    server.start()
    box.mail = Mail(f"smtp://127.0.0.1:{server.port}", "城东店 <club@dealer.example>", clock=lambda: NOON)
    yield box
    server.stop()


MAIL = replace(OUT, address="wang@example.com", purpose="marketing", way_out="https://club.example/u/1-abc")


def test_a_mail_arrives_with_its_text_and_the_one_click_way_out(postbox):
    answer = postbox.mail.send(MAIL, seconds=5)

    (mail,) = postbox.mails
    content = mail.content.decode()
    assert answer == Answer("accepted", "<m1@dealer.example>")
    assert (mail.mail_from, mail.rcpt_tos) == ("club@dealer.example", ["wang@example.com"])
    assert "List-Unsubscribe: <https://club.example/u/1-abc>" in content
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in content
    assert "Message-ID: <m1@dealer.example>" in content
    written = postbox.mail.written(MAIL)
    assert (written["Subject"], written.get_content().strip()) == ("维修完成", "王建国，您的车已修好。")


@pytest.mark.parametrize(
    ("step", "said", "outcome"),
    [
        ("rcpt", "550 no such user", "refused"),
        ("rcpt", "451 try later", "busy"),
        ("data", "554 spam", "refused"),
        ("data", "452 full", "busy"),
        ("data", "cut", "lost"),
    ],
)
def test_what_a_mail_server_says_instead(postbox, step, said, outcome):
    setattr(postbox, step, said)

    assert postbox.mail.send(MAIL, seconds=5).outcome == outcome


def test_a_mail_server_that_is_not_there_or_says_nothing_leaves_the_message_waiting(postbox):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        urls = [f"smtp://127.0.0.1:{port}" for port in (free_port(), silent.getsockname()[1])]

        assert [replace(postbox.mail, url=url).send(MAIL, seconds=0.5).outcome for url in urls] == ["busy", "busy"]


def test_a_subject_cannot_add_headers(postbox):
    with pytest.raises(ValueError, match="linefeed"):
        postbox.mail.send(replace(MAIL, subject="Hi\nBcc: all@example.com"), seconds=5)

    assert postbox.mails == []
