"""The effect of a request in sentences and figures, and how it is kept."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from string import Formatter
from typing import Any

from loyalty.kernel.effects import Effect
from loyalty.kernel.errors import Sentence
from loyalty.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure before and after: a number, an amount, a day, a text, or a name by language; None for none.

    `label` is an English text.
    """

    label: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Preview:
    """What a yes does: sentences with their numbers, and the figures that it changes."""

    effects: tuple[Effect, ...] = ()
    figures: tuple[Figure, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits that differ when anything of the effect differs."""
        plain = json.dumps(packed(self), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(plain.encode()).hexdigest()[:16]


def in_words(preview: Preview) -> str:
    """Return the effect as one English line, as the audit trail keeps it."""
    figures = (f"{one.label}: {_short(one.before)} → {_short(one.after)}" for one in preview.figures)
    return " ".join([*(str(effect) for effect in preview.effects), "; ".join(figures)]).strip()


def _short(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value.get("en", value))
    return "--" if value is None else str(value)


def packed(preview: Preview) -> dict[str, Any]:
    """Return the effect as plain JSON; of the numbers those that the sentence says."""
    return {
        "effects": packed_effects(preview.effects),
        "figures": [
            {"label": one.label, "before": _plain(one.before), "after": _plain(one.after)} for one in preview.figures
        ],
    }


def unpacked(kept: Mapping[str, Any]) -> Preview:
    """Return the effect that `packed` wrote."""
    figures = (Figure(one["label"], _read(one["before"]), _read(one["after"])) for one in kept.get("figures", ()))
    return Preview(tuple(unpacked_effects(kept.get("effects", ()))), tuple(figures))


def packed_effects(effects: Iterable[Effect]) -> list[dict[str, Any]]:
    """Return effects as plain JSON."""
    return [
        {"kind": one.kind, "sentence": one.sentence, "numbers": _numbers(one), "customer_id": one.customer_id}
        for one in effects
    ]


def unpacked_effects(kept: Iterable[Mapping[str, Any]]) -> list[Effect]:
    """Return the effects that `packed_effects` wrote."""
    return [
        Effect(
            one["kind"],
            one["sentence"],
            {name: _read(value) for name, value in one["numbers"].items()},
            one.get("customer_id"),
        )
        for one in kept
    ]


def _numbers(effect: Effect) -> dict[str, Any]:
    """Return the numbers of a sentence in either language: the Chinese one may read `level_zh` for `level`."""
    said = {name for _text, name, _format, _conversion in Formatter().parse(effect.sentence) if name}
    return {
        name: _plain(value)
        for name, value in effect.numbers.items()
        if name in said or name.removesuffix("_zh") in said
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Sentence):
        return {"pattern": value.pattern, "details": {name: _plain(one) for name, one in value.details.items()}}
    if isinstance(value, Money):
        return {"minor": value.minor, "currency": value.currency}
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return dict(value) if isinstance(value, Mapping) else value


def _read(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    if set(value) == {"pattern", "details"}:
        return Sentence(value["pattern"], **{name: _read(one) for name, one in value["details"].items()})
    if set(value) == {"minor", "currency"}:
        return Money(value["minor"], value["currency"])
    if set(value) == {"moment"}:
        return datetime.fromisoformat(value["moment"])
    if set(value) == {"day"}:
        return date.fromisoformat(value["day"])
    return dict(value)
