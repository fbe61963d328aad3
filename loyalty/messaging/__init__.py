"""Messages to customers: templates, the gate, and the outbox that no crash can lose.

A message is planned in the transaction of the fact that asks for it, with its text rendered and sealed. A worker claims
what is due, asks the gate once more and hands each message over right before its call; what comes back is written
under the same token. Promises: nothing planned is lost, nothing goes out twice by itself, and nothing is handed over
after a withdrawal was committed. Where an answer was lost on a channel that cannot tell, the message is `unknown` until
a late answer, a receipt or a person settles it.

due → sending → sent → delivered; sending → due again (not taken over, or the lease ran out before the hand-over),
failed, unknown; due → denied (by the gate, with the rule), expired, cancelled. Attempts count hand-overs.

A message belongs to the customer it was planned for, and goes to whoever stands for that customer since merges.
The one-time codes of the sign-in have a template and do not pass here: `outlets.send_soon` hands them on at once, and
nothing of ours writes them down; only the sink that stands in for a provider shows them.
"""
