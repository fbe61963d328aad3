"""Sales: the link to the dealer's core sales system.

A sale is a fact that happened elsewhere. It is named by its source and the number it has there, and comes in by the
API, one or many at once, or by a file; every way ends in `service.record_sales`, so that a fact means the same wherever
it came from. Nothing is edited here: a changed sale is a new version, the old content is kept, and the difference is
announced. Refunds go by line and never above what was sold.

Promises: the same fact again changes nothing and answers the same; a fact that cannot be taken is refused with the
field and the way out, and the facts beside it are not held up; what hangs on a sale (points, tiers) stands or falls
with it, as it is announced inside the transaction and in batches.

A file is read twice: once for what stands in it again, once to be recorded in chunks. A chunk is cut into parts that
have no customer and no vehicle in common; three lanes record them at once, each part with the progress of its run.
Nobody is answered for each sale of a file: what it brought is told from the ledger when somebody asks (`ports.Retell`).
"""
