"""Texts that steps send: which are in use, and whether those that a plan names are fit for it."""

from collections.abc import Mapping
from datetime import datetime

from loyalty.kernel.errors import Malformed, Sentence
from loyalty.messaging.queries import templates, templates_by_names
from loyalty.messaging.queries.templates import TemplateView
from loyalty.programme.rules.forms import Raw
from loyalty.visits.rules import BEST, VARIABLES, Step, Template


def offered_texts(now: datetime) -> dict[str, Raw]:  # noqa: ARG001  what is offered may depend on the moment
    """Return the texts in use that need nothing but what a plan knows, by name, with their titles."""
    return {one.name: Raw(one.title) for one in templates() if not one.retired and one.texts.variables <= VARIABLES}


def check_texts(template: Template) -> None:
    """Refuse as malformed each step whose text is not in use, not for its channel, or needs what no plan knows."""
    used = templates_by_names({step.template for step in template.steps if step.template is not None})
    errors: dict[str, list[str]] = {}
    for index, step in enumerate(template.steps):
        if step.template is not None and (problem := _problem(step, used)) is not None:
            errors[f"steps[{index}].template"] = [problem]
    if errors:
        raise Malformed(errors)


def usable_texts() -> list[str]:
    """Return the texts that steps can send, each with each of its channels as `name channel`."""
    fit = [one for one in templates() if not one.retired and one.texts.variables <= VARIABLES]
    return [f"{one.name} {channel}" for one in fit for channel in (*one.texts.channels, BEST)]


def _problem(step: Step, used: Mapping[str, TemplateView]) -> str | None:
    text = used.get(step.template or "")
    if text is None or text.retired:
        return Sentence("There is no text {template} in use. Choose one of the list.", template=step.template)
    if unknown := sorted(text.texts.variables - VARIABLES):
        told = "This text needs {names}, which a plan does not know. It knows {known}."
        return Sentence(told, names=", ".join(unknown), known=", ".join(sorted(VARIABLES)))
    if step.channel not in (BEST, *text.texts.channels):
        return Sentence("This text has no words for this channel. Choose another text, or another way.")
    return None
