"""Idempotency keys: the same key gives the same answer and one effect, however often and however parallel it comes.

The key and its answer are written in the transaction of the effect, so a crash leaves neither or both, and no key is
ever stuck. A key belongs to a caller and an operation, and carries the hash of the body it came with.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.kernel.db import Base, transaction
from loyalty.kernel.errors import KeyInFlight, KeyReused

LONGEST_KEY = 200


class IdempotencyKey(Base):
    """One answered request of a caller; kept for ever."""

    __tablename__ = "idempotency_keys"

    caller: Mapped[str] = mapped_column(primary_key=True)
    operation: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    body_hash: Mapped[bytes]
    answer: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


# The lock is taken without waiting: whoever comes second while the first still works is told so at once.
_BEGIN = text("""
    SELECT pg_try_advisory_xact_lock(hashtextextended(:caller || chr(31) || :operation || chr(31) || :key, 0)) AS mine,
           kept.body_hash, kept.answer
    FROM (SELECT 1) AS one
    LEFT JOIN idempotency_keys AS kept
        ON kept.caller = :caller AND kept.operation = :operation AND kept.key = :key
""")
_AGAIN = text("""
    SELECT body_hash, answer FROM idempotency_keys
    WHERE caller = :caller AND operation = :operation AND key = :key
""")
_KEEP = text("""
    INSERT INTO idempotency_keys (caller, operation, key, body_hash, answer, created_at)
    VALUES (:caller, :operation, :key, :body_hash, CAST(:answer AS jsonb), clock_timestamp())
""")


def canonical_hash(body: object) -> bytes:
    """Return the hash of a JSON body that does not depend on the order of its keys."""
    plain = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(plain.encode()).digest()


def once(
    key: str | None, *, caller: str, operation: str, body: object, work: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Return the answer of `work`, done once for this caller, operation and key; without a key just do it.

    The same key and body give the first answer; another body is KeyReused; a first request that is not finished yet
    is KeyInFlight. `work` runs in the same transaction as the key.
    """
    if key is None:
        return work()
    names = {"caller": caller, "operation": operation, "key": key}
    hashed = canonical_hash(body)
    with transaction() as session:
        kept = session.execute(_BEGIN, names).one()
        if kept.answer is None:
            if not kept.mine:
                raise KeyInFlight(key=key)
            # The first one may have committed between our snapshot and our lock: with the lock held, look again.
            again = session.execute(_AGAIN, names).one_or_none()
            if again is None:
                answer = work()
                session.execute(_KEEP, {**names, "body_hash": hashed, "answer": json.dumps(answer, default=str)})
                return answer
            kept = again
        if bytes(kept.body_hash) != hashed:
            raise KeyReused(key=key)
        first: dict[str, Any] = kept.answer
        return first
