"""The points ledger: every point a customer has, where it came from, where it went, and when it ends.

Words: an *account* holds one unit (points, growth) of one customer; a *transaction* is booked once and never changed;
its *postings* sum to 0; a *lot* is what one award gave, with its end; an *allocation* says which lot a posting used;
a *debt* is what a refund could not take back; a *hold* reserves points for a use that is decided later; a *remark* is
what a person wrote about a movement, beside the ledger, so that it can be forgotten.

Promises: no overdraft under any interleaving; balance = Σ postings = Σ open lots + holds − debt; no lot below 0, above
its size or used after its end; the same key has one effect. `loyalty audit` proves them from zero.

The way of every write: lock the accounts in order of id and read them, let pure rules write entries in a working copy
(`rules.Book`), store the entries in one statement. A dry run is the same without the last step. The programme's own
places (issued, redeemed, expired, revoked, written off, transfer) have no stored balance, so no row is shared by all.

An award to whoever owes nothing, under a new key, says by itself what is to be written: it is booked straight from its
row (`service.awards`), to the same books. Nearly all are such, and files bring them by the thousand.
"""
