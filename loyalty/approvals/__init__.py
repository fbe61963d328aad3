"""Approvals: the one list of what needs a second person, whatever feature it belongs to.

Words: somebody *asks*; the request *waits* until another person *approves* or *returns* it with a note, or whoever
asked *withdraws* it. Its *effect* is told in sentences and figures: as it was when asked, as it would be now, and in
the end what happened.

Promises:
- Who decides is not who asked: by account, also when either of them acts through a token. The database refuses it too.
- A request is decided once, in the transaction of its effect: two deciders at once give one decision.
- One request of a kind waits for a subject at a time.
- Who decides has seen the effect: one that has changed since the page was opened is shown again and not carried out.
- An approver sees the stores of the own role; what lies outside is not found. Requests of no store are the group's.

How a feature joins: it describes an `ApprovalKind` in its service (title, code, the permission that decides, what a
request is about, the effect now, and what yes and no do) and lists it in `kinds.APPROVALS`. In its own
transaction it calls `service.ask(Asked(…))`; what it needs to carry the request out stands in `body`, or in its own row
that `subject_id` names. `carry_out` runs in the deciding transaction and raises a refusal when it cannot be done any
more; then nothing is decided. The list, the pages, the API, the count in the menu and the audit rows come with it.
"""
