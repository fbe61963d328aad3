"""What readers of a template get, with sample values that may be changed in the address."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import request

from loyalty.messaging.queries import DraftView, TemplateView
from loyalty.messaging.rules import LANGUAGES, SUBJECTS, Rendered, render, sample_values, sms_parts, way_out
from loyalty.messaging.words import CHANNELS as CHANNEL_WORDS
from loyalty.messaging.words import LANGUAGES as LANGUAGE_WORDS
from loyalty.messaging.words import PURPOSES as PURPOSE_WORDS

WORDS = {"channels": CHANNEL_WORDS, "purposes": PURPOSE_WORDS, "languages": LANGUAGE_WORDS, "subjects": SUBJECTS}
LONGEST_SAMPLE = 100


@dataclass(frozen=True, slots=True)
class Preview:
    """What the readers of one channel and language get; `parts` is how many SMS it takes, 0 elsewhere."""

    channel: str
    language: str
    said: Rendered
    parts: int


def previews(view: TemplateView | DraftView, asked: Mapping[str, str]) -> list[Preview]:
    """Return for each channel and language what its reader gets."""
    texts = view.texts
    link = request.host_url.rstrip("/") + "/u/…"
    told = []
    for channel in texts.channels:
        for language in LANGUAGES:
            values = sample_values(texts.variables, language, _given(view, asked))
            out = way_out(channel, language, view.purpose, link)
            said = render(view.name, texts, channel, language, values, way_out=out)
            told.append(Preview(channel, language, said, sms_parts(said.text) if channel == "sms" else 0))
    return told


def sample_fields(view: TemplateView | DraftView, asked: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the variables in order, each with the sample that was asked for."""
    given = _given(view, asked)
    return [(name, given.get(name, "")) for name in sorted(view.texts.variables)]


def _given(view: TemplateView | DraftView, asked: Mapping[str, str]) -> dict[str, str]:
    return {name: asked.get(f"value-{name}", "")[:LONGEST_SAMPLE].strip() for name in view.texts.variables}
