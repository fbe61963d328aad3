"""Template messages of a WeChat official account.

The account's access token is fetched when it is needed and kept until shortly before its end. WeChat takes a message
with the same key once for ten minutes only, which is too short to rely on: a lost answer makes a message unclear.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from loyalty.messaging.adapters.calls import call
from loyalty.messaging.ports import Answer, Outgoing

TOKEN_WRONG = frozenset({40001, 40014, 42001, 42007})
LATER = frozenset({-1, 45009, 45011, 45047, 48001, 61004})
EARLY = 300  # seconds before its end a token is no longer used
JSON = {"Content-Type": "application/json; charset=utf-8"}


@dataclass
class WeChat:
    """The account by its id and secret; `seconds` is a clock for durations."""

    app_id: str
    app_secret: str
    url: str = "https://api.weixin.qq.com"
    seconds: Callable[[], float] = time.monotonic
    _token: str | None = None
    _until: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def dedupes(self) -> bool:
        """Not for long enough."""
        return False

    @property
    def lanes(self) -> int:
        """Eight calls at once."""
        return 8

    def send(self, outgoing: Outgoing, *, seconds: float) -> Answer:
        """Send a template message; a template without the account's number is refused."""
        if not outgoing.number:
            return Answer("refused", detail="the template has no number of the account")
        token = self._access(seconds)
        if isinstance(token, Answer):
            return token
        body = {
            "touser": outgoing.address,
            "template_id": outgoing.number,
            "data": {name: {"value": value} for name, value in outgoing.values.items()},
            "client_msg_id": outgoing.key,
            **({"url": outgoing.way_out} if outgoing.way_out else {}),
        }
        address = f"{self.url}/cgi-bin/message/template/send?{urlencode({'access_token': token})}"
        reached = call(address, headers=JSON, body=json.dumps(body, ensure_ascii=False).encode(), seconds=seconds)
        return reached if isinstance(reached, Answer) else self._answer(reached.body, token)

    def _access(self, seconds: float) -> str | Answer:
        """Return an access token; without one nothing was sent, so the message may wait."""
        with self._lock:
            if self._token is not None and self.seconds() < self._until:
                return self._token
            asked = {"grant_type": "client_credential", "appid": self.app_id, "secret": self.app_secret}
            address = f"{self.url}/cgi-bin/token?{urlencode(asked)}"
            reached = call(address, method="GET", headers={}, body=None, seconds=seconds)
            if isinstance(reached, Answer):
                return Answer("busy", detail=f"no access token: {reached.detail}")
            token, lasts = reached.body.get("access_token"), reached.body.get("expires_in")
            if not isinstance(token, str) or not isinstance(lasts, int):
                return Answer("busy", detail=f"no access token: {reached.body.get('errcode')}")
            self._token, self._until = token, self.seconds() + max(0, lasts - EARLY)
            return token

    def _answer(self, body: Mapping[str, object], token: str) -> Answer:
        code = body.get("errcode")
        if not isinstance(code, int) or isinstance(code, bool):
            return Answer("lost", detail="an answer without a code")
        if code == 0:
            number = body.get("msgid")
            return Answer("accepted", None if number is None else str(number))
        if code in TOKEN_WRONG:
            with self._lock:
                if self._token == token:
                    self._token = None
            return Answer("busy", detail=f"errcode {code}")
        return Answer("busy" if code in LATER else "refused", detail=f"errcode {code}")
