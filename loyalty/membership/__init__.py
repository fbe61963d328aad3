"""Membership: who is a member of the programme, and the pages on which a member's points and level are read and used.

Words: a *member* is a customer with a number, a store and a state; *enrolling* gives the number and opens the points
accounts and the standing among the levels. Members are enrolled by their first sale or by hand, as the dealer's policy
says. A *suspended* member goes on earning but uses nothing; a *closed* one is kept for the books and can join again
under the same number.

Promises: a customer is enrolled once, however many sales arrive at once; a member number has a check digit, so that a
slip of the pen never reaches another member; points move only through the ledger, and every page that moves them says
beforehand what will happen; adjustments above the limit of one person are refused.

`points` keeps the books, `earning` says what a sale gives, `tiers` says which level: this feature stands on all three.
"""
