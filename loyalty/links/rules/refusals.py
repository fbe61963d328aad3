"""What links refuse, each with its code, its sentence and the way out."""

from loyalty.kernel.errors import KeyReused, NotFound, NotSignedIn, Refused


class UnknownLink(NotFound):
    """There is no such link, or it belongs to other stores."""

    code = "links.unknown"
    sentence = "There is no link {link}."


class LinkTaken(Refused):
    """Links are named by their code, in addresses too."""

    code = "links.code_taken"
    sentence = "There is a link {link} already. Choose another code."


class SignatureMissing(NotSignedIn):
    """A webhook came without the two headers that prove where it comes from."""

    code = "links.signature_missing"
    sentence = "Send the headers {timestamp} and {signature}; the guide of links says how they are made."


class SignatureWrong(NotSignedIn):
    """Nobody who knows the secret of this link has signed this body; an unknown link answers the same."""

    code = "links.signature_wrong"
    sentence = "The signature does not fit: sign timestamp, a full stop and the raw body with the secret of this link."


class SignatureOld(NotSignedIn):
    """The signature fits, but it was made too long ago or by a clock that runs ahead."""

    code = "links.signature_old"
    sentence = "The timestamp is {seconds} seconds away from the time here; at most {most} are taken. Set the clock."


class EventReused(KeyReused):
    """The event was received before with another body."""

    code = "links.event_reused"
    sentence = "The event {event} was received before with another body. Give a new event its own id."


class EventInFlight(Refused):
    """The event is being worked on at this moment."""

    code = "links.event_in_flight"
    sentence = "The event {event} is being worked on. Send it again in a moment for its answer."
    retry_after = 1


class NotAWebhook(Refused):
    """Only a webhook has secrets."""

    code = "links.not_a_webhook"
    sentence = "The link {link} reads a view; it has no secret."


class NotAPull(Refused):
    """Only a pull can be asked to read."""

    code = "links.not_a_pull"
    sentence = "The link {link} receives events; there is nothing to read."


class Busy(Refused):
    """Somebody reads this link now; two never do at once."""

    code = "links.busy"
    sentence = "The link {link} is being read at this moment; its reader has it until {until} at the latest."


class Paused(Refused):
    """A link that is paused reads nothing."""

    code = "links.paused"
    sentence = "The link {link} is paused. Resume it first."


class Unmapped(Refused):
    """Nobody has said yet what the columns of the view hold."""

    code = "links.unmapped"
    sentence = "Say first which column of the view holds what."


class CoreAway(Refused):
    """The core database does not answer, or not in time."""

    code = "links.core_away"
    sentence = "The core database does not answer: {reason}"


class ViewMissing(Refused):
    """The view is not there, or the account may not read it."""

    code = "links.view_missing"
    sentence = "The view {view} cannot be read: {reason}"


class ColumnsMissing(Refused):
    """The view lacks columns that the link reads."""

    code = "links.columns_missing"
    sentence = "The view {view} has no column {missing}; its columns are: {found}."


class WrongType(Refused):
    """The column of changes holds something that has no order in time."""

    code = "links.wrong_type"
    sentence = "The column {column} holds {found} (first seen at {number}); it needs a date with time."


class TooManyGone(Refused):
    """So many sales are missing in the view that the view is more likely to be wrong."""

    code = "links.too_many_gone"
    sentence = (
        "{gone} of {compared} sales are no longer in the view. Nothing was cancelled: look at the view, then confirm."
    )


class StandsAgain(Refused):
    """What was cancelled stays cancelled."""

    code = "links.stands_again"
    sentence = "Sale {number} was cancelled on {day}. Record it under a new number if it stands again."


class NothingToCancel(Refused):
    """A cancellation names a sale that came from elsewhere."""

    code = "links.unknown_sale"
    sentence = "There is no sale {number} of {source}."


class Unforeseen(Refused):
    """Reading came to grief for a reason that nobody foresaw; it is tried again."""

    code = "links.unforeseen"
    sentence = "Reading came to grief; the log of the service tells more under {reference}."


class UnknownReject(NotFound):
    """There is no such rejected row, or it is settled."""

    code = "links.unknown_reject"
    sentence = "This row is settled already."
