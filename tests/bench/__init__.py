"""Speed as a ratio to the least that does the same work, side by side in one run: `make bench`.

The limit of each piece of work is written by hand (`limit.sql`, `limit_app.py`) and reviewed as hard as the product:
a weak limit is a false result. Rounds of the limit and of the product are taken in turn on the same machine, and what
is printed is figure, limit, ratio, goal, median and range.
"""
