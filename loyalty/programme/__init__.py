"""Programme: the versions of the dealer's rules, facts of law and insurance, and which days are worked.

A *version* belongs to a kind (earning, tiers, expiry, …), has a number within it and a body that the feature owning the
kind understands. It goes draft → in review → active → retired. Whoever wrote it does not approve it; the database
refuses that too. From its activation on, a version cannot be changed, so that whatever was booked by it can be
explained and reversed by it for ever. The version *in force* at a moment is the one with the latest `effective_from`
not after it, also when it is retired, which says that a newer one has taken over; one that was withdrawn before it
began never was in force.

People write rules in *forms*, never in JSON. The feature that owns a kind describes its form in the small vocabulary of
`rules.forms` and tells the rules in plain sentences; wiring registers both, since the feature stands above this one. A
form gives back exactly the body that it was filled with. A body that it could not is shown as it was written and is
edited as JSON: nothing is simplified in silence. The same description says a version in words and compares two.

A *table* holds facts of a kind and region for its days, with its source and how sure it is: what was not seen in a
reliable source is shown as to be checked. Features above ask `queries.rows_in_force(kind, region, day)`; a province has
its own table or shares that of the mainland. Tables live as versions do, but stay active when their days are over, as
they go on telling of those days; a mistaken one is retired and counts for none.

`load_file` and `load_tables` give an installation that has none its first ones, all or none; after that, two people are
needed, in the one list of approvals.

The *work calendar* knows the public holidays and make-up workdays of mainland China. A year whose list has not been
published has its weekends only, and says so; the dealer's own days, each with its reason, override both, and a store's
own calendar (`work_calendar(…, store_id=…)`) has its closing days: its holidays and the weekdays without opening hours.
"""
