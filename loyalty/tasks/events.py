"""What tasks announce, always in batches of one type and inside the transaction of the fact."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TaskConcluded:
    """A person brought a task to its end: `outcome` is the result chosen, None for one that was skipped.

    `means` is reached, no_answer, refused, wrong_number or call_back, None when skipped. `follows` says that a task of
    its own goes on with it.
    """

    task_id: int
    customer_id: int
    kind: str
    about_kind: str
    about_id: int
    outcome: str | None
    means: str | None
    follows: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class TaskReopened:
    """What was announced by `TaskConcluded` was taken back."""

    task_id: int
    customer_id: int
    kind: str
    about_kind: str
    about_id: int
    at: datetime
