"""Argon2id, with the memory and time that OWASP recommends at the least: 19 MiB, two passes, one lane.

Flask-Security verifies with the same numbers (see staff.sign_in), so that nothing is hashed anew at sign-in.
"""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from loyalty.staff.rules import normal_password

TIME_COST = 2
MEMORY_KIB = 19_456
LANES = 1

_hasher = PasswordHasher(time_cost=TIME_COST, memory_cost=MEMORY_KIB, parallelism=LANES)


def hash_password(password: str) -> str:
    """Return the hash that is stored."""
    return _hasher.hash(normal_password(password))


def is_password(typed: str, hashed: str) -> bool:
    """Whether the hash was made of what was typed."""
    try:
        return _hasher.verify(hashed, normal_password(typed))
    except (VerifyMismatchError, InvalidHashError):
        return False
