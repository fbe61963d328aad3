"""Owners sign in by their phone and a one-time code.

A code has six digits, is stored as a keyed hash, is good for five minutes, once, and for five tries; only the latest
one of a phone counts. Tries are counted by a conditional update, so parallel guesses get no more than five.
A phone gets one code a minute, five an hour, ten a day; an address ten an hour; the site has a budget, exact since
codes are handed out one after another. Known and unknown phones walk the same path and get the same answer in the same
time; an unknown one gets no message. Where several people share a phone, they choose after the code. Nobody signs in
without agreeing to the privacy notice; offers are asked apart, and no box is ticked beforehand. A sign-in lasts thirty
days, and the owner sees and ends each of them.
"""
