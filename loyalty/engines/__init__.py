"""PostgreSQL and Valkey from the installed packages, for the demo, a single machine and the tests.

The launcher owns the two servers of one data folder: it starts them as children that die with it, lets them listen on
sockets in a private folder only, and stops them in order. Whoever needs the servers asks `running.servers()`: it
gives two URLs, those of real servers when they are set, those of the folder's owner when one is running, and those
of servers started for the caller's own time otherwise.

Nothing here knows the product, and the product knows nothing but the two URLs.
"""
