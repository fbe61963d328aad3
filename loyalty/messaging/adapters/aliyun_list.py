"""What Alibaba Cloud says of an SMS that it took over (Dysmsapi 2017-05-25, QuerySendDetails).

The gateway lists what it sent to a phone on a day of China's time, with the key (OutId) that came with it. A message
that is not on the list was not taken over, once the list has had its time; `rules.inquiries` says how long that is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from loyalty.kernel.clock import day_at
from loyalty.messaging.adapters.aliyun import Aliyun, dialled
from loyalty.messaging.ports import Answer, Fate, Inquiry

ZONE = "Asia/Shanghai"
PAGE, MOST_PAGES = 50, 10
SLACK = timedelta(minutes=5)
"""How far the gateway's clock and ours may be apart."""

_STATES: Mapping[int, Literal["sent", "failed", "delivered"]] = {1: "sent", 2: "failed", 3: "delivered"}
_RANK = ("failed", "sent", "delivered")


class Unreadable(Exception):
    """The gateway did not answer, or with something else than a list."""


@dataclass(frozen=True)
class AliyunList:
    """The list of one account."""

    gateway: Aliyun

    def look_up(self, inquiry: Inquiry, *, seconds: float) -> Fate:
        """Look for the message's key on the days on which it may have been taken over; the best of its rows counts."""
        days = sorted({day_at(inquiry.handed_at + edge, ZONE) for edge in (-SLACK, timedelta(0), SLACK)})
        try:
            found = [
                fate
                for day in days
                for row in self._rows(inquiry.address, f"{day:%Y%m%d}", seconds)
                if row.get("OutId") == inquiry.key
                for fate in [_fate(row)]
            ]
        except Unreadable as problem:
            return Fate("silent", str(problem))
        return max(found, key=lambda fate: _RANK.index(fate.said), default=Fate("not_listed"))

    def _rows(self, phone: str, day: str, seconds: float) -> Iterator[Mapping[str, Any]]:
        for page in range(1, MOST_PAGES + 1):
            total, rows = self._page(phone, day, page, seconds)
            yield from rows
            if page * PAGE >= total:
                return
        raise Unreadable("the list has no end")

    def _page(self, phone: str, day: str, page: int, seconds: float) -> tuple[int, list[Mapping[str, Any]]]:
        asked = {
            "Action": "QuerySendDetails",
            "PhoneNumber": dialled(phone),
            "SendDate": day,
            "PageSize": str(PAGE),
            "CurrentPage": str(page),
        }
        reached = self.gateway.request(asked, seconds=seconds)
        if isinstance(reached, Answer):
            raise Unreadable(reached.detail)
        if reached.body.get("Code") != "OK":
            raise Unreadable(str(reached.body.get("Code"))[:60])
        listed = reached.body.get("SmsSendDetailDTOs")
        rows = listed.get("SmsSendDetailDTO") if isinstance(listed, Mapping) else None
        total = str(reached.body.get("TotalCount"))
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows) or not total.isdecimal():
            raise Unreadable("not a list of messages")
        return int(total), rows


def _fate(row: Mapping[str, Any]) -> Fate:
    state, code = row.get("SendStatus"), row.get("ErrCode")
    if type(state) is not int or state not in _STATES:
        raise Unreadable("a state that is not documented")
    said = _STATES[state]
    return Fate(said, code if said == "failed" and isinstance(code, str) else None)
