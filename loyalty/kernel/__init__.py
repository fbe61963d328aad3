"""What every feature stands on, and that knows none of them.

Money is whole minor units with a currency; moments are aware and in UTC; days belong to a store's zone. One
`transaction()` holds a fact together with all that follows from it: services open it, nested ones join the outermost,
and what features below tell those above runs inside it (`events`). Statements of the hot paths travel to the database
together (`trips`, `prepared`). Refusals and other problems are classes with a stable code (`errors`); what a call
changed is told in words and numbers (`effects`). Who acts, and what they may see, is an argument and never a global
(`actor`). Personal fields are sealed and found again by a blind index (`crypto`). The same key gives the same answer
and one effect (`keys`).

A module enters the kernel when three features use it and it names none of them.
"""
