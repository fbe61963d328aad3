"""What messaging refuses, each with its code, its sentence and the way out."""

from loyalty.kernel.errors import NotFound, Refused


class UnknownTemplate(Refused):
    """A message names a template that is not there or has no version in use."""

    code = "messaging.unknown_template"
    sentence = "There is no template {template} in use. Write it and put it into use first."


class TemplateNotFound(NotFound):
    """There is no such template."""

    code = "messaging.template_not_found"
    sentence = "There is no template {template}."


class TemplateTaken(Refused):
    """Templates are named by their code."""

    code = "messaging.template_taken"
    sentence = "There is a template {template} already. Choose another name, or write a new version of it."


class VersionChanged(Refused):
    """Somebody wrote another version meanwhile."""

    code = "messaging.version_changed"
    sentence = "Version {number} of {template} was written meanwhile. Look at it before writing the next one."


class DraftNotFound(NotFound):
    """Nobody is writing this template."""

    code = "messaging.draft_not_found"
    sentence = "There is no draft of {template}. It may have been put into use or thrown away."


class DraftChanged(Refused):
    """Somebody else wrote on the draft meanwhile."""

    code = "messaging.draft_changed"
    sentence = "Somebody else wrote on the draft of {template} meanwhile. Look at it before you go on."


class VariableMissing(Refused):
    """A text has places that nobody filled."""

    code = "messaging.variable_missing"
    sentence = "The template {template} needs {names}."


class LanguageMissing(Refused):
    """The customer reads another language than the template has."""

    code = "messaging.language_missing"
    sentence = "The template {template} has no text in {language}."


class NotOnChannel(Refused):
    """The template has no text for the channel."""

    code = "messaging.not_on_channel"
    sentence = "The template {template} has no text for {channel}."


class MessageNotFound(NotFound):
    """There is no such message, or its customer lies outside what the caller may see."""

    code = "messaging.message_not_found"
    sentence = "There is no message {message}."


class ReplyNotFound(NotFound):
    """There is no such reply."""

    code = "messaging.reply_not_found"
    sentence = "There is no such reply."


class ChannelNotFound(NotFound):
    """There is no such channel."""

    code = "messaging.channel_not_found"
    sentence = "There is no channel {channel}."


class NotThatState(Refused):
    """The message is in another state by now."""

    code = "messaging.not_that_state"
    sentence = "The message is {state} by now. Load the page again to see what became of it."


class ResentBefore(Refused):
    """A message is sent again once; the next one goes out from that row."""

    code = "messaging.resent_before"
    sentence = "The message was sent again already, as message {message}."


class EvidenceMissing(Refused):
    """Whoever settles an unknown message says how it is known."""

    code = "messaging.evidence_missing"
    sentence = "Say how it is known, as “the provider's list of 12 March shows it”."


class TextForgotten(Refused):
    """The text of the message was erased with the person."""

    code = "messaging.text_forgotten"
    sentence = "The text of this message was erased; it cannot be sent again."
