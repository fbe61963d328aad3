"""What can go wrong before a server answers; each says the way out."""


class EngineProblem(Exception):
    """A server could not be had; the text names the reason and the way out."""


class EngineMissing(EngineProblem):
    """The server's program is not installed."""


class FolderInUse(EngineProblem):
    """Another process owns the servers of this data folder."""


class FolderClosed(EngineProblem):
    """The account that must run the servers cannot reach the folder."""


class EngineDied(EngineProblem):
    """The server ended, or did not answer in time, while it was being started."""
