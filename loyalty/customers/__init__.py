"""Customers: people and companies, how to reach them, what they agreed to, their vehicles, and what happened.

Words. A *customer* is a person or a company; the number (C-0012845) is made from the id and never changes. An
*external number* is what another system calls the customer. An *identifier* is a phone, e-mail address, openid or card.
A *consent* is the fold of its events. An *ownership* says who holds a vehicle as owner, driver or payer, from a day
until a day (the first on which it is no longer so). The *timeline* is what happened, one row each. A *household* is
people; its cars are theirs. By a *merge* one customer (gone) becomes an alias of another (kept), for 30 days
reversibly. An *erased* customer is a pseudonym in the books.

Promises. Identifiers and plates are stored sealed and found by a blind index; in the clear stand only the last four
digits of phones and cards. One phone may belong to several people. A vehicle has one main owner at any time, and the
database refuses two. Mileage goes upward, or is corrected with a reason. A customer of another store is as good as
none. Every change leaves an audit row, and showing a phone does too; the audit trail itself names nobody. Merging,
closing and erasing tell before what they do, in numbers: a trial does it and takes it back. A merge that is taken back
at once leaves everything as it was; what came after it stays with the kept customer, and what was used stays used. An
erasure leaves no trace of who it was in any table and no figure of the ledger changed. The copy of everything is made
from parts that features register (`personal_data`), and a test goes over all tables.

What people type in their own words (reasons, notes, proofs) is kept only where it can be forgotten: beside the ledger
and with the request, never in the audit trail, in answers that a key keeps, or in the ledger itself. What must stay
there, the number of a document, takes no names and no phones.

Why copies and not moves: rows that only a customer needs are copied to the kept one under their own ids, so that the
gone one stays as it was to the last row, and undoing removes exactly the copies. What must have one holder (numbers,
vehicles, sales) changes hands and is written down; points go over by a transfer in the ledger, lot by lot.

Why search keys: two Chinese characters give no trigram, so each name writes the keys it is found by (from each of its
characters on, in pinyin, by initials), and every search is a range of one B-tree.
"""
