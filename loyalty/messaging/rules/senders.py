"""What the product sends by itself: which values each of its templates may ask for, and must have."""

from collections.abc import Mapping
from dataclasses import dataclass

from loyalty.kernel.errors import Sentence
from loyalty.messaging.rules.texts import Texts


@dataclass(frozen=True, slots=True)
class Sender:
    """`knows` are the values that there are for a template; `needs` those without which a text would be useless."""

    knows: frozenset[str]
    needs: frozenset[str] = frozenset()


_senders: dict[str, Sender] = {}


def register_senders(senders: Mapping[str, Sender]) -> None:
    """Say by template what is known when it is sent; registering again replaces it."""
    _senders.update(senders)


def sender_of(template: str) -> Sender | None:
    """Return what sends a template by itself, or None for one that people and programs use as they like."""
    return _senders.get(template)


def misfits(template: str, texts: Texts) -> Mapping[str, list[str]]:
    """Return, by place in the body, what keeps texts from being sent by whoever sends this template."""
    sender = sender_of(template)
    if sender is None:
        return {}
    errors: dict[str, list[str]] = {}
    if unknown := sorted(texts.variables - sender.knows):
        told = "{names} is not known when this is sent. There are {known}."
        errors["variables"] = [Sentence(told, names=", ".join(unknown), known=", ".join(sorted(sender.knows)))]
    for channel, said in texts.texts.items():
        for language, one in said.items():
            if missing := sorted(name for name in sender.needs if "{" + name + "}" not in one.text):
                told = "This text must have {places}."
                places = ", ".join("{" + name + "}" for name in missing)
                errors[f"texts.{channel}.{language}.text"] = [Sentence(told, places=places)]
    return errors
