"""Appointments: an owner's car comes to a store on a day, at a time that the store still has a place for.

Words: an appointment is *asked* for by the owner, *confirmed* by the store, *arrived* when the car was taken in, and
then *kept*; one to which nobody came is *missed*, one that was given up *cancelled*. A *slot* is an hour of the store's
opening hours on a day on which it is not closed; so many cars fit into a slot as the store says (3 unless it does).

Promises:
- No slot holds more cars than it has places, however many ask at once: each place is a row of its own.
- The same key of the same customer makes one appointment, however often it is sent.
- A moved or cancelled appointment gives its place back in the same transaction, and takes its reminder along.
- The day before, the owner is reminded by a message; the gate decides about it as about any other.

What becomes of appointments is announced upward; whoever must call after a missed one opens a task.
"""
