"""Forms of rules as pages draw them: each field with its name, what is typed, and what it offers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from loyalty.kernel.errors import Malformed, Sentence
from loyalty.programme.rules import forms as f

BEFORE = "b."  # what the names of rules begin with, so that they meet no other field of the page
NEW_ROW = "add:"
GONE_ROW = "drop:"
RAISED_ROW = "raise:"

# What a reader of bodies says about JSON; a form has its own words for the same.
_ABOUT_JSON = frozenset(
    {
        "Write a text of at most {longest} characters.",
        "Choose one of {choices}.",
        "Write a whole number from {least} to {most}.",
        'Write a number of 0 or more as a text, such as "1.5".',
        "Write a list of at least {least} objects.",
        'Give the factor of each level, as {"gold": "1.2"}.',
        'Say for which amount the points are, as {"minor": 100, "currency": "CNY"}.',
        'Write "all", "any", or how many of the {count} criteria must hold.',
    },
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A field, a group or a list of a form: `parts` are what stands within, `rows` the rows of a list."""

    name: str
    widget: str
    of: f.Field
    value: Any = ""
    said: str = ""
    more: str = ""
    choices: Sequence[tuple[str, f.Phrase]] = ()
    others: Sequence[tuple[str, str, str]] = ()
    parts: Sequence["Drawn"] = ()
    rows: Sequence["Drawn"] = ()
    called: f.Phrase | None = None
    extra: dict[str, Any] = field(default_factory=dict)


Offers = Mapping[str, Mapping[str, f.Phrase]]


def sheet_of(fields: tuple[f.Field, ...], typed: MultiDict[str, str]) -> f.Sheet:
    """Return the sheet that a page has sent; a field that is sent twice counts as it was sent first."""
    lists = {name.removeprefix(BEFORE): typed.getlist(name) for name in typed if name.startswith(BEFORE)}
    sheet: f.Sheet = {name: texts[0].strip() for name, texts in lists.items()}
    for name, leaf in f.leaves(fields, sheet):
        if isinstance(leaf, f.Ticks):
            sheet[name] = [text.strip() for text in lists.get(name, [])]
    return sheet


def mistakes(fields: tuple[f.Field, ...], sheet: f.Sheet, wrong: Malformed) -> dict[str, list[str]]:
    """Return what is wrong by the names of the form, in words that do not speak of JSON."""
    leaves = dict(f.leaves(fields, sheet))
    names = {*leaves, *_containers(fields, sheet)}
    told: dict[str, list[str]] = {}
    for place, sentences in wrong.errors.items():
        name = f.known_place(place, names)
        told.setdefault(BEFORE + name if name else "_rules", []).extend(
            _reworded(leaves.get(name), sentence) for sentence in sentences
        )
    return {name: list(dict.fromkeys(sentences)) for name, sentences in told.items()}


def _reworded(leaf: f.Leaf | None, sentence: str) -> str:
    pattern = sentence.pattern if isinstance(sentence, Sentence) else str(sentence)
    if pattern not in _ABOUT_JSON:
        return sentence
    if leaf is None:
        return "Add at least one here."
    return leaf.mistake or sentence


def _containers(fields: Iterable[f.Field], sheet: f.Sheet, prefix: str = "") -> Iterable[str]:
    for one in fields:
        name = prefix + one.key
        if isinstance(one, f.Group) and f.is_there(one, sheet, prefix):
            yield name
            yield from _containers(one.fields, sheet, f"{name}.")
        elif isinstance(one, f.Rows) and f.is_there(one, sheet, prefix):
            yield name
            for index in range(f.count(one, sheet, name)):
                yield f"{name}.{index}"
                yield from _containers(one.fields, sheet, f"{name}.{index}.")


def drawn(fields: Iterable[f.Field], sheet: f.Sheet, offers: Offers, prefix: str = "") -> list[Drawn]:
    """Return what the page draws, in the order of the fields."""
    there = [one for one in fields if f.is_there(one, sheet, prefix)]
    return [_drawn(one, sheet, offers, prefix + one.key) for one in there]


def _drawn(one: f.Field, sheet: f.Sheet, offers: Offers, name: str) -> Drawn:
    if isinstance(one, f.Group):
        return Drawn(BEFORE + name, "group", one, parts=drawn(one.fields, sheet, offers, f"{name}."))
    if isinstance(one, f.Rows):
        size = f.count(one, sheet, name)
        rows = [_row(one, sheet, offers, name, index) for index in range(size)]
        said = sheet.get(name + f.SAID, "")
        return Drawn(BEFORE + name, "rows", one, value=size, said=said, rows=rows)
    return _leaf(one, sheet, offers, name)


def _row(one: f.Rows, sheet: f.Sheet, offers: Offers, name: str, index: int) -> Drawn:
    place = f"{name}.{index}"
    parts = drawn(one.fields, sheet, offers, f"{place}.")
    return Drawn(BEFORE + place, "row", one, parts=parts, called=f.title(one, sheet, name, index))


def _leaf(one: f.Field, sheet: f.Sheet, offers: Offers, name: str) -> Drawn:
    value, said = sheet.get(name, ""), sheet.get(name + f.SAID, "")
    if isinstance(one, f.Choice):
        return Drawn(BEFORE + name, one.widget, one, value, said, choices=_choices(one, value, offers))
    if isinstance(one, f.Ticks):
        more = sheet.get(name + f.MORE, "")
        return Drawn(BEFORE + name, one.widget, one, value or [], said, more, choices=_ticks(one, value or [], offers))
    if isinstance(one, f.Pairs):
        return Drawn(
            BEFORE + name, one.widget, one, choices=_offered(one, sheet, name, offers), extra=_pairs(one, sheet, name)
        )
    if isinstance(one, f.Amount):
        currency = sheet.get(f"{name}.currency", f.USUAL_CURRENCY)
        names = [(code, Sentence(text)) for code, text in f.CURRENCY_TEXTS.items()]
        return Drawn(BEFORE + name, one.widget, one, value, choices=names, extra={"currency": currency})
    widget = one.widget if isinstance(one, f.Leaf) else "text"
    extra = {"currency": one.currency(sheet, name)} if isinstance(one, f.Minor) else {}
    return Drawn(BEFORE + name, widget, one, value, said, extra=extra)


def _choices(one: f.Choice, value: str, offers: Offers) -> list[tuple[str, f.Phrase]]:
    named: list[tuple[str, f.Phrase]] = [(code, Sentence(text)) for code, text in one.choices.items()]
    named += [(code, f.Offered(one.source, code)) for code in offers.get(one.source, {})]
    named += [(str(number), Sentence(one.numbered, number=number)) for number in one.numbers]
    return named if any(code == value for code, _text in named) else [*named, (value, f.Raw(value))]


def _ticks(one: f.Ticks, ticked: Sequence[str], offers: Offers) -> list[tuple[str, f.Phrase]]:
    """Return what can be ticked, in such an order that the browser sends what is ticked in the order it has now."""
    known = [*one.choices, *offers.get(one.source, {})]
    listed = [*known, *(code for code in ticked if code not in known)]
    if [code for code in listed if code in ticked] != list(ticked):
        listed = [*ticked, *(code for code in listed if code not in ticked)]
    return [(code, one.one(code)) for code in listed]


def _offered(one: f.Pairs, sheet: f.Sheet, name: str, offers: Offers) -> list[tuple[str, f.Phrase]]:
    codes = dict.fromkeys([*offers.get(one.source, {}), *one.codes(sheet, name)])
    return [(code, f.Offered(one.source, code)) for code in codes]


def _pairs(one: f.Pairs, sheet: f.Sheet, name: str) -> dict[str, Any]:
    codes = one.codes(sheet, name)
    said = [code for code in codes if sheet.get(f"{name}.{code}{f.SAID}")]
    return {"numbers": {code: sheet[f"{name}.{code}"] for code in codes}, "said": said}
