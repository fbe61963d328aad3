"""Programme: the versions of the dealer's rules, and which days are worked.

A *version* belongs to a kind (earning, tiers, expiry, …), has a number within it and a body that the feature owning the
kind understands. It goes draft → in review → active → retired. Whoever wrote it does not approve it; the database
refuses that too. From its activation on, a version cannot be changed, so that whatever was booked by it can be
explained and reversed by it for ever. The version *in force* at a moment is the one with the latest `effective_from`
not after it, retired or not: retired only says that a newer one has taken over.

`load_file` gives an installation that has no rules its first ones, all or none; after that, two people are needed.

The *work calendar* knows the public holidays and make-up workdays of mainland China. A year whose list has not been
published has its weekends only, and says so; the dealer's own days override both.
"""
