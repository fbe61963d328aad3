"""Links: how the core sales system reaches us by itself.

A link is a *webhook* (the core system sends signed events) or a *pull* (we read a view of its database). Both end in
the services of sales, as a file does, so that a fact means the same whichever way it came: new, known and unchanged,
corrected by line with the difference announced, or rejected with the reason.

Webhook: `POST /api/v1/links/CODE/events`, signed with HMAC-SHA256 over timestamp and raw body, within 300 s of our
clock. An event is kept, sealed, until it is worked on; the same event again answers the same. It may carry sales,
refunds, cancellations, deliveries and readings of work orders. What says `changed_at` never undoes what is newer.

Pull: a view or table, read in the order of its column `updated_at` from the last change seen, less an overlap for rows
that were committed late. Each batch is one transaction together with the watermark, so a kill loses and doubles
nothing. The view has a row for each line of a sale; which column holds what is a mapping as for files, with at least
number, customer_no, date, amount, currency, store (a column or a fixed value) and, for several lines, line. Beside
them: `updated_at` (date with time, never NULL, moves whenever anything of the row changes) and, where rows are struck
out, a column such as `deleted_at`. Rows deleted for good are found once a day, when the last days are compared; when
far too many are gone, nothing is cancelled until a person says so.

Promises: nothing accepted is lost, one fact has one effect, a row that cannot be taken holds up no other and stays on
the page until it is taken or dismissed. `docs/links.md` is the guide for whoever connects a core system.
"""
