"""A small believable dealer group in Guangdong, invented from a fixed seed, for `loyalty demo`.

Three stores, a person of staff for every role, some 300 owners with their cars, and two years of deliveries, services
and accessories up to yesterday. The history goes through the same services as real sales, month by month at the
moments when it would have happened, with the nightly steps at each month's end, so that points lapsed, tiers moved and
the ledger reads as it would after two years of use.
"""
