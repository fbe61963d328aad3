"""The form in which a template is written."""

from typing import Any

from flask import render_template
from flask_babel import gettext as _

from loyalty.kernel.errors import Malformed, Refused
from loyalty.messaging.forms import field_of
from loyalty.messaging.pages.previews import WORDS
from loyalty.messaging.queries import DraftView, TemplateView
from loyalty.messaging.rules import CHANNELS, sender_of
from loyalty.messaging.words import CHANNELS as CHANNEL_WORDS
from loyalty.messaging.words import LANGUAGES as LANGUAGE_WORDS
from loyalty.web.forms import Filled
from loyalty.web.languages import say, say_line


def template_form(view: TemplateView | DraftView | None, filled: Filled, refused: Refused | None = None) -> str:
    """Return the form of a new template (None), of the next version of one, or of a draft."""
    return render_template(
        "messaging/template_form.html",
        view=view,
        values=filled.typed,
        errors=filled.errors,
        labels=_labels(),
        told=None if refused is None else say(refused.sentence, refused.details),
        ways=CHANNELS,
        sender=sender_of(view.name) if view else None,
        **WORDS,
    )


def told(filled: Filled, problem: Malformed) -> Filled:
    """Return the form with what is wrong at its fields."""
    errors: dict[str, list[str]] = {}
    for place, lines in problem.errors.items():
        errors.setdefault(field_of(place), []).extend(say_line(line) for line in lines)
    return Filled({}, errors, filled.typed)


def _labels() -> dict[str, Any]:
    labels: dict[str, Any] = {
        "name": _("Code"),
        "title": _("Title"),
        "purpose": _("Purpose"),
        "variables": _("Variables"),
    }
    for channel, channel_word in CHANNEL_WORDS.items():
        for language, language_word in LANGUAGE_WORDS.items():
            labels[f"text-{channel}-{language}"] = f"{channel_word} · {language_word}"
            labels[f"subject-{channel}-{language}"] = f"{channel_word} · {language_word} · {_('Subject')}"
    return labels
