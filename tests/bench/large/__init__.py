"""The same measures on a large group: a million members and ten million postings, and the night over them.

Members come in by the product's own import, one sale each, with names, phones and vehicles of their own. Their history
is then multiplied inside each customer by statements; that it is honest, the audit says afterwards. What is asked by
HTTP is asked twice, of ten thousand members and of all, since a product that slows down with its data does so unseen on
a small one. The night is held against one hand-written statement for each of its steps, on the limit's tables with the
same members, lots and days.
"""
