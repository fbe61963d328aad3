"""Which account the servers run as.

PostgreSQL refuses to run as root, so a launcher started by root gives its servers another account. It adds no
account and changes no folder but the servers' own.
"""

import ctypes
import os
import pwd
from dataclasses import dataclass
from pathlib import Path

KEEP_CAPABILITIES = 8  # PR_SET_KEEPCAPS
AMBIENT, AMBIENT_RAISE = 47, 2  # PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE
READ_SEARCH = 2  # CAP_DAC_READ_SEARCH: enter folders that are closed to the account; it gives no right to write
CAPABILITY_VERSION = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Account:
    """A user and group; `searches` when it may enter folders that are closed to it."""

    uid: int
    gid: int
    searches: bool = False

    @property
    def is_ours(self) -> bool:
        """Whether this process already runs as the account."""
        return self.uid == os.geteuid()

    def own(self, path: Path) -> None:
        """Give the one file or folder to the account, if we may."""
        if not self.is_ours:
            os.chown(path, self.uid, self.gid)

    def take_on(self) -> None:
        """Become the account for good; called in a child before it turns into the server."""
        if self.is_ours:
            return
        if self.searches:
            _libc.prctl(KEEP_CAPABILITIES, 1, 0, 0, 0)
        os.setgroups([])
        os.setresgid(self.gid, self.gid, self.gid)
        os.setresuid(self.uid, self.uid, self.uid)
        if self.searches:
            _keep_only_search()


def account_for(folder: Path, *needed: Path) -> Account:
    """Return the account that runs the servers of `folder`.

    Our own account, unless we are root: then the one that owns the folder's servers already, else `nobody`.
    When one of the `needed` paths lies behind a folder that is closed to it (such as root's home), the account keeps
    the capability to search folders, and nothing else of root.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    before = folder / "postgres"
    uid = before.stat().st_uid if before.exists() else 0
    entry = pwd.getpwuid(uid) if uid else pwd.getpwnam("nobody")
    closed = any(_is_closed(path, entry) for path in (folder, *needed))
    return Account(entry.pw_uid, entry.pw_gid, searches=closed)


def _is_closed(path: Path, entry: pwd.struct_passwd) -> bool:
    return any(not _may_enter(parent, entry) for parent in (path, *path.parents) if parent.is_dir())


def _may_enter(folder: Path, entry: pwd.struct_passwd) -> bool:
    status = folder.stat()
    if status.st_uid == entry.pw_uid:
        return bool(status.st_mode & 0o100)
    if status.st_gid == entry.pw_gid:
        return bool(status.st_mode & 0o010)
    return bool(status.st_mode & 0o001)


def _keep_only_search() -> None:
    one = 1 << READ_SEARCH
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)(one, one, one, 0, 0, 0)  # effective, permitted, inheritable; low half, high half
    _libc.capset(ctypes.byref(header), ctypes.byref(sets))
    _libc.prctl(AMBIENT, AMBIENT_RAISE, READ_SEARCH, 0, 0)
