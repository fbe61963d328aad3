"""Tiers: which level a member has, why, what is missing for the next one, and when it is reviewed.

- A *scheme* has *levels* by rank; each but the lowest has *criteria* to qualify and, where they differ, to keep it. A
  criterion compares a *metric* (spend, paid visits, growth, vehicles, referrals) in a *window* with a threshold.
- Windows include both their ends. Facts count on their own day, however late they come or are corrected.
- Up at once; down only at a review, by the keep rule, with grace, and never below a *floor* that two people set.
  Spending points lowers nothing, and what a refund lowers shows at the next review.
- A *standing* is the level a member has now. Its history and every evaluation with its figures are kept.
- The figures stand in *tier days*, one row per customer, day and kind of sale, which always equal what sales say.
"""
