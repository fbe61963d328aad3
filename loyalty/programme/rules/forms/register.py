"""Which form belongs to which kind of rules."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from loyalty.programme.rules.bodies import parse
from loyalty.programme.rules.forms.fields import Field
from loyalty.programme.rules.forms.lines import Block, BlockChange, blocks, compared
from loyalty.programme.rules.forms.phrases import Phrase
from loyalty.programme.rules.forms.sheets import fits


@dataclass(frozen=True, slots=True)
class PolicyForm:
    """The form of a kind of rules, and how rules that its owner has read are told in plain sentences."""

    fields: tuple[Field, ...]
    tell: Callable[[Any], Sequence[Phrase]]


@dataclass(frozen=True, slots=True)
class Sample:
    """What rules would give for an example: what the example is, the heads of a table, and its rows."""

    about: Phrase
    heads: tuple[str, ...]
    rows: tuple[tuple[Phrase, ...], ...]


Sampler = Callable[[Any, date], Sample]
"""Gives what rules, as their owner has read them, would give for an example on a day."""

Offer = Callable[[datetime], Mapping[str, Phrase]]
"""Gives what a field offers at a moment: codes and what they are called."""

_forms: dict[str, PolicyForm] = {}
_offers: dict[str, Offer] = {}
_samplers: dict[str, Sampler] = {}


def register_form(kind: str, form: PolicyForm) -> None:
    """Let the bodies of `kind` be written in `form`; registering a kind again replaces its form."""
    _forms[kind] = form


def register_offer(source: str, offer: Offer) -> None:
    """Let fields of `source` offer what `offer` gives."""
    _offers[source] = offer


def register_sampler(kind: str, sampler: Sampler) -> None:
    """Let pages show beside rules of `kind` what they would give for an example."""
    _samplers[kind] = sampler


def sampled(kind: str, body: dict[str, Any], day: date) -> Sample | None:
    """Return what a body would give for an example on a day, or None for a kind that has no examples."""
    return _samplers[kind](parse(kind, body), day) if kind in _samplers else None


def offered(now: datetime) -> dict[str, Mapping[str, Phrase]]:
    """Return what each source offers, by source and code."""
    return {source: offer(now) for source, offer in _offers.items()}


def form_of(kind: str) -> PolicyForm | None:
    """Return the form of a kind, or None for a kind that is written as JSON only."""
    return _forms.get(kind)


def form_that_fits(kind: str, body: Mapping[str, Any]) -> PolicyForm | None:
    """Return the form of a kind where it shows the body exactly, otherwise None."""
    form = form_of(kind)
    return form if form and fits(form.fields, body) else None


def told(kind: str, body: dict[str, Any]) -> list[Phrase]:
    """Return what the rules say in plain sentences; nothing for a kind without a form."""
    form = form_of(kind)
    return list(form.tell(parse(kind, body))) if form else []


def shown(kind: str, body: Mapping[str, Any]) -> list[Block] | None:
    """Return a body in words, or None where no form shows it exactly."""
    form = form_that_fits(kind, body)
    return blocks(form.fields, body) if form else None


def differences(kind: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[BlockChange] | None:
    """Return what two bodies have in words side by side, or None where no form shows both exactly."""
    old, new = shown(kind, before), shown(kind, after)
    return None if old is None or new is None else compared(old, new)
