"""What is refused about tasks."""

from loyalty.kernel.errors import NotFound, Refused


class TaskNotFound(NotFound):
    """There is no such task, or not in the stores of whoever asks."""

    code = "tasks.not_found"
    sentence = "There is no task {task} here."


class TaskClosed(Refused):
    """The task has ended without an act of a person: the fact has changed, or the plan was stopped."""

    code = "tasks.closed"
    sentence = "This task is closed since {at}: {reason} Nothing was recorded. Go on with the next one."


class ConcludedByAnother(Refused):
    """Somebody has recorded a result already."""

    code = "tasks.concluded"
    sentence = "{who} recorded this task at {at}. Nothing was changed. Look at the record, or go on with the next one."


class TakenByAnother(Refused):
    """Somebody else is working on the task at this moment."""

    code = "tasks.taken"
    sentence = "{who} has been working on this task since {at}. Wait until {until}, or go on with the next one."


class ChangedMeanwhile(Refused):
    """The task is not any more what the page showed."""

    code = "tasks.changed"
    sentence = "This task has changed since the page was opened. Look at it again and record the result then."


class UndoOver(Refused):
    """The act cannot be taken back any more."""

    code = "tasks.undo_over"
    sentence = "This cannot be undone any more: 10 minutes have passed, or something was done since. Add a new task."


class UndoOfAnother(Refused):
    """Only who recorded takes back."""

    code = "tasks.undo_of_another"
    sentence = "Only {who}, who recorded this, can undo it."


class NotWorkingThere(Refused):
    """A task goes only to somebody who works on tasks in its store now."""

    code = "tasks.not_working_there"
    sentence = "{who} does not work on tasks in this store now. Choose somebody who does."
