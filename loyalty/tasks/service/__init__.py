"""What may happen to tasks."""

from loyalty.tasks.service.bulk import MOST_AT_ONCE, Left, Swept, move, reassign, skip_many
from loyalty.tasks.service.closing import stop, void
from loyalty.tasks.service.moving import carry_tasks, end_of_customers, forget_people
from loyalty.tasks.service.opening import hand_over, open_by_hand, open_tasks
from loyalty.tasks.service.recording import Recorded, record, skip, take, undo

__all__ = [
    "MOST_AT_ONCE",
    "Left",
    "Recorded",
    "Swept",
    "carry_tasks",
    "end_of_customers",
    "forget_people",
    "hand_over",
    "move",
    "open_by_hand",
    "open_tasks",
    "reassign",
    "record",
    "skip",
    "skip_many",
    "stop",
    "take",
    "undo",
    "void",
]
