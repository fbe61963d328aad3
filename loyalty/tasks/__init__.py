"""Tasks: work for people, whatever feature needs it: one queue, one calendar, one count of the day.

Words: a task is *open* until it is *done*, given up (*no contact* after n tries of the most), *rescheduled*,
*skipped* with a reason, *void* since the fact it hung on has changed, or *stopped*. An open task is *planned* until
its first day and *ready* from then on: that is read off the day and not written, so that nothing is late because a
job was. Every try is an *attempt*: reached, no answer, refused, wrong number, or call back at. Whoever works on it
has *taken* it for half an hour.

Promises:
- Attempts and changes are only added. Undoing adds, too: it is open for 10 minutes, until the next act on the task.
- A task is concluded once: who comes second is told who was first.
- A task of the same key is there once, whoever opens it and however often.
- A next date is a task of its own that follows the one before.
- Who takes a task is the customer's advisor, if that person works there now, otherwise whoever has least to do.

How a feature joins: it describes a `TaskKind` in its rules (title, results with their digits, script, who does it),
lists it in `wiring.TASK_KINDS`, calls `service.open_tasks` in its own transaction, and reacts to `TaskConcluded` and
`TaskReopened`. What its page shows beside the task it adds as panels of "task".
"""
