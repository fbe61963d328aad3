"""Messages to customers.

So far the port for text messages alone, and the sink that stands in for a provider: it prints each message and appends
it to `outbox.log` in the data folder. Nothing else writes down what a message says, since it may be a sign-in code.
"""
