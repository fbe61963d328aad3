"""Visits: follow-up after deliveries and services, by plans whose dates nobody has to remember.

Words: a *fact* (a delivery, a service) is noted when it is announced; the *planner* makes a *plan* of it by the
*template* in force on that day: its *steps*, each with the day on which it is due and why it is that day. A step is
*planned* until its day, when it becomes a task of a person and is *opened*; then it is *done*, or *missed* when nobody
could have been called in its time any more. A plan ends when its fact changes (*void*) or nobody wants it (*stopped*).

Promises:
- A fact gives one plan, however often it is noted and however many planners run; a killed planner loses none.
- A corrected fact voids what was open of its plan, and is planned anew; what was done stays.
- Months are calendar months. On a day of rest calls move forward and reminders of an end backward; the task says so.
- By date or by kilometres, whichever is first: kilometres are estimated from the readings, and anew with each of them.
- Who no longer holds the vehicle, or does not want to be called, is not called.

The thirtieth day after a delivery asks how the owner is content: by a call, as long as there are no surveys.
"""
