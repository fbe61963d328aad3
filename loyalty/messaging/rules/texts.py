"""Templates: texts by language and channel with named places, checked when they are saved and filled at planning."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from loyalty.kernel.bodies import BodyReader
from loyalty.kernel.errors import Sentence
from loyalty.messaging.rules.refusals import LanguageMissing, NotOnChannel, VariableMissing
from loyalty.messaging.rules.states import CHANNELS

LANGUAGES = ("zh_Hans_CN", "en")
LONGEST = {"sms": 500, "wechat": 1_000, "inbox": 4_000, "email": 20_000}
LONGEST_SUBJECT = 120
LONGEST_VALUE = 500
SUBJECTS = frozenset({"email", "inbox"})
"""Channels whose messages have a subject."""

NAME = re.compile(r"[a-z][a-z0-9_-]{1,59}")
_VARIABLE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_PLACE = re.compile(r"\{([^{}]*)\}")
_LOOSE = re.compile(r"[{}]")

WAY_OUT: Mapping[str, Mapping[str, str]] = {
    "sms": {"zh_Hans_CN": "拒收请回复R", "en": "Reply STOP to opt out"},
    "wechat": {"zh_Hans_CN": "回复 TD 退订", "en": "Reply TD to opt out"},
    "email": {"zh_Hans_CN": "不想再收到此类邮件：{link}", "en": "To stop such mail: {link}"},
}
"""What every offer says at its end: the law asks for a way out."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text with places such as {name}; `subject` where the channel has one."""

    text: str
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Texts:
    """A version of a template: texts by channel and language, and the provider's own number for it by channel.

    SMS gateways and WeChat carry only texts that they approved beforehand, under a number of theirs.
    """

    variables: frozenset[str]
    texts: Mapping[str, Mapping[str, Text]]
    numbers: Mapping[str, str] = field(default_factory=dict)

    @property
    def channels(self) -> tuple[str, ...]:
        """Return the channels that it has texts for."""
        return tuple(channel for channel in CHANNELS if channel in self.texts)


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a message says, ready to be sent; `values` are what a provider fills into its own approved text."""

    text: str
    subject: str | None
    values: Mapping[str, str]
    number: str | None


def parse_texts(body: Mapping[str, Any]) -> Texts:
    """Read the body of a version of a template; Malformed names each place that is wrong.

    Each channel has a text in both languages, each place in a text is a declared variable, and each variable is used.
    """
    reader = BodyReader(body)
    declared = reader.texts("variables")
    for name in sorted(declared):
        if not _VARIABLE.fullmatch(name):
            reader.refuse("variables", Sentence("{name} is no name: small letters, digits and _.", name=name))
    listed = reader.part("texts")
    texts: dict[str, dict[str, Text]] = {}
    used: set[str] = set()
    for channel in CHANNELS if listed else ():
        part = listed.part(channel) if listed else None
        if part is not None:
            texts[channel] = {language: _read_text(part, language, channel, declared, used) for language in LANGUAGES}
    if not texts:
        reader.refuse("texts", "Write a text for at least one channel.")
    if unused := sorted(declared - used):
        reader.refuse("variables", Sentence("No text uses {names}.", names=", ".join(unused)))
    numbers = _read_numbers(reader)
    reader.close()
    return Texts(declared, texts, numbers)


def _read_numbers(reader: BodyReader) -> dict[str, str]:
    part = reader.part("numbers")
    if part is None:
        return {}
    return {channel: part.text(channel, longest=100) for channel in ("sms", "wechat") if channel in part}


def _read_text(part: BodyReader, language: str, channel: str, declared: frozenset[str], used: set[str]) -> Text:
    inner = part.part(language)
    if inner is None:
        part.refuse(language, "Write the text in this language too.")
        return Text("")
    text = inner.text("text", longest=LONGEST[channel])
    subject = inner.text("subject", longest=LONGEST_SUBJECT) if channel in SUBJECTS else None
    for place, written in (("text", text), ("subject", subject or "")):
        names = set(_PLACE.findall(written))
        used |= names & declared
        if unknown := sorted(names - declared):
            inner.refuse(place, Sentence("{names} is not among the variables.", names=", ".join(unknown)))
        if _LOOSE.search(_PLACE.sub("", written)):
            inner.refuse(place, Sentence("A brace stands alone. Write variables as {{name}}."))
    return Text(text, subject)


def render(
    template: str, texts: Texts, channel: str, language: str, values: Mapping[str, str], *, way_out: str = ""
) -> Rendered:
    """Return the text of a message; refused by name: a channel or language that is not there, a variable left out.

    `way_out` is put on a line of its own at the end, with what it says already filled in.
    """
    if channel not in texts.texts:
        raise NotOnChannel(template=template, channel=channel)
    if language not in texts.texts[channel]:
        raise LanguageMissing(template=template, language=language)
    missing = sorted(texts.variables - values.keys())
    if missing:
        raise VariableMissing(template=template, names=", ".join(missing))
    chosen = texts.texts[channel][language]
    given = {name: str(values[name])[:LONGEST_VALUE] for name in texts.variables}
    text = filled(chosen.text, given)
    subject = None if chosen.subject is None else " ".join(filled(chosen.subject, given).split())
    return Rendered(f"{text}\n{way_out}" if way_out else text, subject, given, texts.numbers.get(channel))


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return the text with its places filled; values are put in as they are and are not looked into again."""
    return _PLACE.sub(lambda found: values.get(found[1], ""), text)


def way_out(channel: str, language: str, purpose: str, link: str | None) -> str:
    """Return what the end of an offer says, empty where nothing is needed; mail without a link says nothing."""
    if purpose != "marketing" or channel not in WAY_OUT:
        return ""
    said = WAY_OUT[channel][language]
    if "{link}" not in said:
        return said
    return said.replace("{link}", link) if link else ""
