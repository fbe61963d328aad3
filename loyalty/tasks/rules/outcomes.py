"""Results of a try: what people choose by a digit, and which of five things each of them means."""

from dataclasses import dataclass

REACHED = "reached"
NO_ANSWER = "no_answer"
REFUSED = "refused"
WRONG_NUMBER = "wrong_number"
CALL_BACK = "call_back"
MEANINGS = (REACHED, NO_ANSWER, REFUSED, WRONG_NUMBER, CALL_BACK)


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """A result to choose: `title` is an English text, `means` one of `MEANINGS`; `low` asks for a closer look."""

    title: str
    code: str
    means: str
    icon: str
    low: bool = False


NOT_TALKED = (
    CallOutcome("No answer", "no_answer", NO_ANSWER, "telephone-x"),
    CallOutcome("Call back at another time", "call_back", CALL_BACK, "clock-history"),
    CallOutcome("Does not want to be called", "refused", REFUSED, "slash-circle"),
    CallOutcome("Wrong number", "wrong_number", WRONG_NUMBER, "question-octagon"),
)
"""What may come of any call in which nothing was talked about."""

SATISFACTION = (
    CallOutcome("Reached, satisfied", "satisfied", REACHED, "emoji-smile"),
    CallOutcome("Reached, so-so", "neutral", REACHED, "emoji-neutral"),
    CallOutcome("Reached, not satisfied", "unhappy", REACHED, "emoji-frown", low=True),
    *NOT_TALKED,
)
INVITATION = (
    CallOutcome("Reached, appointment made", "booked", REACHED, "calendar-check"),
    CallOutcome("Reached, will think about it", "thinking", REACHED, "emoji-neutral"),
    CallOutcome("Reached, not needed", "not_needed", REACHED, "calendar-x"),
    *NOT_TALKED,
)
CHORE = (
    CallOutcome("Done as agreed", "settled", REACHED, "check2-circle"),
    CallOutcome("Done in part", "part_settled", REACHED, "circle-half"),
    CallOutcome("Not possible", "not_settled", REACHED, "x-circle", low=True),
    *NOT_TALKED,
)
