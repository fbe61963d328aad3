"""SMS by Alibaba Cloud (Dysmsapi 2017-05-25, SendSms): a signed request, without its SDK.

The gateway sends only texts that it approved under a number of its own, filled with parameters; it does not take a
message once by a key, so that a lost answer makes a message unclear.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode
from uuid import uuid4

from loyalty.kernel.clock import utc_now
from loyalty.messaging.adapters.calls import Reached, call
from loyalty.messaging.ports import Answer, Outgoing, Receipt, TextSender
from loyalty.messaging.rules import Rendered

VERSION = "2017-05-25"
HOME = "+86"

# What the gateway says when it surely did not take a message, and may take it later.
_LATER = frozenset(
    {
        "isv.BUSINESS_LIMIT_CONTROL",
        "isv.OUT_OF_SERVICE",
        "isv.AMOUNT_NOT_ENOUGH",
        "isv.ACCOUNT_ABNORMAL",
        "isp.RAM_PERMISSION_DENY",
        "ServiceUnavailable",
        "SignatureNonceUsed",
        "InvalidTimeStamp.Expired",
    }
)
# It may have taken these.
_UNCLEAR = frozenset({"isp.SYSTEM_ERROR", "isp.GATEWAY_ERROR", "InternalError"})


class NotTaken(ConnectionError):
    """The gateway did not take a text over."""


@dataclass(frozen=True)
class Aliyun:
    """The account: key, secret, and the sign under which texts go out."""

    key_id: str
    key_secret: str
    sign: str
    url: str = "https://dysmsapi.aliyuncs.com"
    clock: Callable[[], datetime] = utc_now

    @property
    def dedupes(self) -> bool:
        """It does not."""
        return False

    @property
    def lanes(self) -> int:
        """Eight calls at once stay far below the account's limit."""
        return 8

    def send(self, outgoing: Outgoing, *, seconds: float) -> Answer:
        """Send an approved text, filled; a template without the gateway's number is refused."""
        if not outgoing.number:
            return Answer("refused", detail="the template has no number of the gateway")
        return self.ask(outgoing.address, outgoing.number, outgoing.values, key=outgoing.key, seconds=seconds)

    def ask(self, phone: str, number: str, values: Mapping[str, str], *, key: str, seconds: float) -> Answer:
        """Send the approved text of that number to a phone; `key` comes back with the gateway's receipts."""
        asked = {
            "Action": "SendSms",
            "PhoneNumbers": dialled(phone),
            "SignName": self.sign,
            "TemplateCode": number,
            "TemplateParam": json.dumps(dict(values), ensure_ascii=False),
            "OutId": key,
        }
        reached = self.request(asked, seconds=seconds)
        return reached if isinstance(reached, Answer) else _answer(reached.body)

    def request(self, asked: Mapping[str, str], *, seconds: float) -> Reached | Answer:
        """Sign one request and send it."""
        body = urlencode(self.signed(asked)).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return call(f"{self.url}/", headers=headers, body=body, seconds=seconds)

    def signed(self, asked: Mapping[str, str]) -> dict[str, str]:
        """Return the request with what every request has, and its signature."""
        whole = {
            **asked,
            "AccessKeyId": self.key_id,
            "Format": "JSON",
            "RegionId": "cn-hangzhou",
            "SignatureMethod": "HMAC-SHA1",
            "SignatureNonce": uuid4().hex,
            "SignatureVersion": "1.0",
            "Timestamp": self.clock().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "Version": VERSION,
        }
        return {**whole, "Signature": signature(whole, self.key_secret)}


def dialled(phone: str) -> str:
    """Return a stored phone as the gateway takes it: without the country at home, with 00 and the country abroad."""
    return phone.removeprefix(HOME).replace("+", "00")


def signature(whole: Mapping[str, str], secret: str) -> str:
    """Return the signature of a request as the gateway computes it."""
    canonical = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in sorted(whole.items()))
    said = f"POST&{_quoted('/')}&{_quoted(canonical)}"
    made = hmac.new(f"{secret}&".encode(), said.encode(), hashlib.sha1)  # the gateway's choice, not ours
    return base64.b64encode(made.digest()).decode()


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")


def _answer(body: Mapping[str, object]) -> Answer:
    code = body.get("Code")
    if not isinstance(code, str):
        return Answer("lost", detail="an answer without a code")
    if code == "OK":
        reference = body.get("BizId")
        return Answer("accepted", reference if isinstance(reference, str) else None)
    if code in _UNCLEAR:
        return Answer("lost", detail=code)
    return Answer("busy" if code in _LATER or code.startswith("Throttling") else "refused", detail=code)


@dataclass(frozen=True)
class AliyunCodes:
    """Carries one-time codes by a text that the gateway approved.

    Its number stands in the template, with all values of it; else it is `number`, which has one parameter named code.
    Without either the code goes to `sink`.
    """

    gateway: Aliyun
    number: str
    sink: TextSender

    def send_text(self, phone: str, said: Rendered) -> Receipt:
        """Send the code; NotTaken when the gateway does not take it."""
        number = said.number or self.number
        if not number:
            return self.sink.send_text(phone, said)
        values = said.values if said.number else {"code": said.values["code"]}
        answer = self.gateway.ask(phone, number, values, key="code", seconds=10)
        if answer.outcome != "accepted":
            raise NotTaken(answer.detail)
        return Receipt(answer.reference)
