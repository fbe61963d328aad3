"""The forms of the pages of messages."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from loyalty.messaging.rules import CHANNELS, LANGUAGES, PURPOSES, SUBJECTS
from loyalty.web.forms import FormSchema

COUNTED = validate.Range(0, 1_000_000, error="Enter a whole number.")
"""Versions and editions, as hidden fields hold them."""
WHOLE: dict[str, str | list[Any] | dict[Any, Any]] = {"invalid": "Enter a whole number."}


class SettleForm(FormSchema):
    """Whether an unknown message went out, and how that is known."""

    outcome = fields.String(
        required=True,
        validate=validate.OneOf(["sent", "not_sent"]),
        error_messages={"required": "Choose one of the two."},
    )
    evidence = fields.String(load_default="", validate=validate.Length(max=500))


class HandleForm(FormSchema):
    """What was done about a reply."""

    note = fields.String(load_default="", validate=validate.Length(max=500))


class ChannelForm(FormSchema):
    """How a channel is used."""

    per_minute = fields.Integer(load_default=None, error_messages=WHOLE)
    paused = fields.Boolean(load_default=False)


class TemplateForm(FormSchema):
    """What every template has, beside its texts."""

    title = fields.String(required=True, error_messages={"required": "Enter a title."})
    variables = fields.String(load_default="", validate=validate.Length(max=1_000))
    after = fields.Integer(load_default=0, validate=COUNTED, error_messages=WHOLE)
    edition = fields.Integer(load_default=0, validate=COUNTED, error_messages=WHOLE)


class NewTemplateForm(TemplateForm):
    """A new template."""

    name = fields.String(required=True, error_messages={"required": "Enter the code."})
    purpose = fields.String(
        required=True,
        validate=validate.OneOf(PURPOSES),
        error_messages={"required": "Choose what the template is for."},
    )


class HookForm(FormSchema):
    """A system that is told of events."""

    name = fields.String(required=True, error_messages={"required": "Enter the name of the receiver."})
    url = fields.String(required=True, error_messages={"required": "Enter the address."})
    paused = fields.Boolean(load_default=False)


def body_from(values: Mapping[str, Any], typed: Mapping[str, str]) -> dict[str, Any]:
    """Return the body that a form describes; a channel without any text is left out."""
    names = values["variables"].replace("，", ",").replace(" ", ",").split(",")
    texts = {}
    for channel in CHANNELS:
        written = {language: _text(channel, language, typed) for language in LANGUAGES}
        if any(any(text.values()) for text in written.values()):
            texts[channel] = written
    numbers = {channel: typed[f"number-{channel}"] for channel in ("sms", "wechat") if typed.get(f"number-{channel}")}
    body: dict[str, Any] = {"texts": texts}
    if variables := sorted({name for name in names if name}):
        body["variables"] = variables
    return body | ({"numbers": numbers} if numbers else {})


def _text(channel: str, language: str, typed: Mapping[str, str]) -> dict[str, str]:
    text = {"text": typed.get(f"text-{channel}-{language}", "").replace("\r\n", "\n")}
    return text | ({"subject": typed.get(f"subject-{channel}-{language}", "")} if channel in SUBJECTS else {})


def typed_from(title: str, body: Mapping[str, Any], after: int, edition: int = 0) -> dict[str, str]:
    """Return what the form holds for a version, or for an edition of the draft of the next one."""
    typed = {"title": title, "variables": ", ".join(body.get("variables", []))}
    typed |= {"after": str(after), "edition": str(edition)}
    for channel, written in body["texts"].items():
        for language, text in written.items():
            typed |= {f"{name}-{channel}-{language}": value for name, value in text.items()}
    return typed | {f"number-{channel}": number for channel, number in body.get("numbers", {}).items()}


def edition_of(typed: Mapping[str, str]) -> int:
    """Return the edition of a draft that a button was pressed for; 0, which no draft has, when it says none."""
    edition = typed.get("edition", "")
    return int(edition) if edition.isascii() and edition.isdecimal() and len(edition) < LONGEST_EDITION else 0


LONGEST_EDITION = 9


def field_of(place: str) -> str:
    """Return the name of the form's field for a place of the body, as texts.sms.en.text."""
    start, *rest = place.split(".")
    if start == "texts":
        channel, language, name = (*rest, *("sms", LANGUAGES[0], "text")[len(rest) :])
        return f"{name}-{channel}-{language}"
    return f"number-{rest[0]}" if start == "numbers" and rest else start
