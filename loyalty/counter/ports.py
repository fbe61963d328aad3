"""What a drawer of the counter does, and in which words it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from loyalty.kernel.actor import Actor
from loyalty.kernel.errors import Sentence
from loyalty.kernel.money import Money
from loyalty.staff.queries import StoreView


@dataclass(frozen=True, slots=True)
class Till:
    """Where, who and when: the store at whose counter somebody stands, whoever acts, and the moment."""

    store: StoreView
    by: Actor
    now: datetime


class Result(StrEnum):
    """What the counter answers, each with a colour, a sign and words of its own."""

    READY = "ready"  # green: it can be used here and now
    USED = "used"  # red: it was used before
    NOT_NOW = "not_now"  # amber: it is genuine and cannot be used here and now
    UNKNOWN = "unknown"  # grey: nothing here knows it, or it is forged


@dataclass(frozen=True, slots=True)
class Offer:
    """Something of a member that can (`ready`) or cannot be used at this till.

    `ref` is what `Drawer.use` gets to use it: a text of the drawer's own, which a form carries. `name` is what it is
    called by language (zh, en). `told` are sentences about it: how much is left, until when, or why it cannot be used.
    `most` is there where an amount of money is asked for, such as a voucher that can be used in parts: the largest one.
    """

    ref: str
    name: Mapping[str, str]
    ready: bool
    told: Sequence[Sentence] = ()
    most: Money | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a drawer makes of a text that was scanned or typed.

    `told` says it in words. `customer_id` is whose it is, None when nobody's, or not to be shown. `offer` is there when
    `result` is READY: what the one button uses.
    """

    result: Result
    told: Sentence
    customer_id: int | None = None
    name: Mapping[str, str] | None = None
    offer: Offer | None = None


@dataclass(frozen=True, slots=True)
class Used:
    """Something that was used at a till; `ref` is what `Drawer.take_back` gets. `back_at` None while it counts.

    `told` says more, such as the amount or the work order; `open` says whether this till may still take it back.
    """

    ref: str
    name: Mapping[str, str]
    customer_id: int
    at: datetime
    by_name: str
    told: Sentence | None = None
    back_at: datetime | None = None
    open: bool = True


@dataclass(frozen=True, slots=True)
class Use:
    """What a till asks for: to use `ref` under a key of its own; the work order and the amount where there is one."""

    ref: str
    key: str
    work_order: str | None = None
    amount: Money | None = None


class Drawer(Protocol):
    """One kind of things that can be used at the counter. Every method takes the till: stores and rights are its own.

    `code` names the drawer in forms and addresses; it holds a-z only. What is refused is raised (`Refused`,
    `NotFound`, `Malformed`), as everywhere. A module with these names is a drawer as well as an object is.
    """

    code: str

    def read(self, text: str, till: Till) -> Reading | None:
        """Return what the text is; None when it does not look like anything of this drawer, so that others are asked.

        Changes nothing. A text that has this drawer's look and is forged, expired or used is a reading, not None.
        """

    def offers(self, customer_id: int, till: Till) -> Sequence[Offer]:
        """Return what this member has, first what can be used here; nothing for somebody who is no member."""

    def use(self, asked: Use, till: Till) -> Used:
        """Use it once; the same key again returns the first use."""

    def take_back(self, ref: str, till: Till) -> Used:
        """Take a use back once; sent again, return it as it was taken back."""

    def latest(self, till: Till, limit: int) -> Sequence[Used]:
        """Return the latest uses at this store, the newest first, those that were taken back too."""
