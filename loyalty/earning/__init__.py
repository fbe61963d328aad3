"""From a sale to points and growth: what each line earns, by which rule of which version, and what a refund takes back.

- A *rule* gives points per amount, per visit or per event; *multipliers* (tier, birthday month, campaign) raise them.
  Amounts stay exact fractions until one rounding on the total of a sale, which is then spread to its lines.
- The part of a sale that was paid with points earns nothing. A sale of 0 or less earns nothing.
- An *award line* says how many points a line has by which rule; rows are only ever added. A correction writes the
  lines of the new version and books the difference; a refund takes back its share, so that refunds in any number of
  parts come to what one refund of all takes.
- A reversal follows the version of the rules that was booked, with the tier that counted then.
- Only members earn: customers with an open points account. Where the points are is the ledger's business (`points`).
"""
