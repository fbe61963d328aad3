"""Kinds of requests: what a feature says about its own, so that one list can show and decide them all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from loyalty.approvals.rules.effects import Preview
from loyalty.kernel.actor import Actor
from loyalty.kernel.effects import Effect


@dataclass(frozen=True, slots=True)
class Asked:
    """What a feature asks for: `body` holds what it needs to carry it out, plain JSON.

    `subject_id` names what it is about, of which one request of the kind may wait. Without a store it is the group's.
    """

    kind: str
    subject_id: int
    store_id: int | None = None
    about_customer_id: int | None = None
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked, by whom and when; `id` is 0 while it is being asked."""

    id: int
    kind: str
    subject_id: int
    store_id: int | None
    about_customer_id: int | None
    body: Mapping[str, Any]
    asked_by: int
    asked_name: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Named:
    """What a request is about: an English sentence with its `numbers`, and the page where more is to be seen."""

    sentence: str
    numbers: Mapping[str, Any] = field(default_factory=dict)
    address: str | None = None


def _nothing(_request: Request, *, now: datetime, by: Actor) -> None:
    """Do nothing: the request alone goes back."""


@dataclass(frozen=True, slots=True)
class Present:
    """A figure as it stands now; `label` is an English text, `value` as of a `Figure`."""

    label: str
    value: Any


def _untold(_requests: Sequence[Request], _now: datetime) -> Mapping[int, Present]:
    return {}


@dataclass(frozen=True, slots=True)
class ApprovalKind:
    """A kind of requests. `permission` decides; `subject_kind` is the word of the audit trail for the subject.

    `named` tells what each of several requests is about, by their ids, with one statement. `preview` returns the
    effect that a yes would have at a moment, or raises the refusal that stands against it. `carry_out` does it and
    returns what happened; `drop` undoes what asking had left, when a request is returned or withdrawn. `fresh`: a
    person who approves on the page proves anew who they are, as for all that moves points or money. `present` tells
    of several requests at once, by their ids, the figure that a yes changes as it stands now, for the list.
    """

    title: str
    code: str
    permission: str
    subject_kind: str
    named: Callable[[Sequence[Request]], Mapping[int, Named]]
    preview: Callable[[Request, datetime], Preview]
    carry_out: Callable[..., list[Effect]]
    drop: Callable[..., None] = _nothing
    fresh: bool = False
    present: Callable[[Sequence[Request], datetime], Mapping[int, Present]] = _untold


_kinds: dict[str, ApprovalKind] = {}


def register(kind: ApprovalKind) -> None:
    """Let requests of this kind be asked and decided."""
    _kinds[kind.code] = kind


def kinds() -> Mapping[str, ApprovalKind]:
    """Return the kinds by their codes, in the order in which wiring lists them."""
    return _kinds


def kind_of(code: str) -> ApprovalKind:
    """Return the kind of this code; a code that no feature registered is a fault of the program."""
    return _kinds[code]
