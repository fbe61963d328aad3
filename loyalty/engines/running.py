"""Servers for a command: the running ones, or its own for as long as it needs them."""

import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

from loyalty.engines.folder import Addresses, DataFolder, data_folder
from loyalty.engines.problems import EngineDied, FolderInUse
from loyalty.engines.servers import own_servers

STARTING_SECONDS = 60  # another command may be creating the folder just now


@contextmanager
def servers(environ: Mapping[str, str] | None = None) -> Iterator[Addresses]:
    """Give the URLs that are set, else those of the folder's owner, else those of servers of our own.

    While one command uses another's servers, the owner waits before it stops them (`loyalty serve` does not).
    """
    environ = os.environ if environ is None else environ
    database_url, redis_url = environ.get("LOYALTY_DATABASE_URL"), environ.get("LOYALTY_REDIS_URL")
    if database_url and redis_url:
        yield Addresses(database_url, redis_url)
        return
    folder = data_folder(environ)
    folder.create()
    with ExitStack() as stack:
        used = stack.enter_context(folder.join())
        try:
            owned = stack.enter_context(own_servers(folder, environ))
        except FolderInUse:
            yield _of_the_owner(folder)
        else:
            stack.callback(fcntl.flock, used, fcntl.LOCK_EX)  # waits for the others, before the servers stop
            yield owned.addresses


def _of_the_owner(folder: DataFolder) -> Addresses:
    limit = time.monotonic() + STARTING_SECONDS
    while (addresses := folder.published()) is None:
        if time.monotonic() > limit:
            raise EngineDied(f"A process owns {folder.path}, but its servers did not come up.")
        time.sleep(0.05)
    return addresses
