"""Replies to messages that a person should answer."""

from loyalty.tasks.rules.kinds import TaskKind

ABOUT = "reply"
"""What tasks of replies hang on, with the number of the reply."""

REPLY = TaskKind(
    "Reply to a message",
    "reply",
    "other",
    script="Hello {customer}, this is {agent} of {store}. Thank you for your message; I am calling about it.",
)
WHAT = "Answer what the customer wrote"
DAYS = 1
"""How many days after its arrival an answer is still in time."""
