"""What sales and files tell of a person who is erased: the vehicle, texts, and rows of files that were not taken."""

from collections.abc import Iterator, Sequence

from sqlalchemy import select, text

from loyalty.kernel.crypto import UNREADABLE
from loyalty.kernel.db import db, transaction
from loyalty.sales import queries
from loyalty.sales.models import ImportReject
from loyalty.sales.sealed import readable_reject

_FORGET = tuple(
    text(statement)
    for statement in (
        "UPDATE sales SET vehicle_id = NULL WHERE customer_id = ANY (CAST(:ids AS bigint[]))",
        """
        UPDATE sale_versions SET content = content - 'vehicle_id' WHERE customer_id = ANY (CAST(:ids AS bigint[]))
        """,
        "UPDATE refunds SET reason = '' WHERE customer_id = ANY (CAST(:ids AS bigint[]))",
    )
)

_CLEAR_REJECTS = text("""
    UPDATE import_rejects SET sealed = NULL, numbers = '{}', sale_number = NULL WHERE id = ANY (CAST(:ids AS bigint[]))
""")
CHUNK = 1_000


def forget_people(customer_ids: Sequence[int], traces: Sequence[str]) -> int:
    """Take away what links these customers to vehicles and texts; return how many refused rows of files are cleared.

    A refused row that does not open any more might name them, and is cleared too.
    """
    with transaction() as session:
        for statement in _FORGET:
            session.execute(statement, {"ids": list(customer_ids)})
        cleared = [row_id for row_id, told in _refused() if any(trace in told for trace in (UNREADABLE, *traces))]
        session.execute(_CLEAR_REJECTS, {"ids": cleared})
        return len(cleared)


def _refused() -> Iterator[tuple[int, str]]:
    """Give each refused row's id with all that it tells; sealed ones are found in no other way."""
    after = 0
    chosen = select(ImportReject).order_by(ImportReject.id).limit(CHUNK)
    while rows := db.session.scalars(chosen.where(ImportReject.id > after)).all():
        for row in rows:
            told = readable_reject(queries.reject_place(row.run_id, row.row, row.ordinal), row.sealed)
            yield row.id, " ".join(map(str, (told.value, *told.cells, *row.numbers.values())))
        after = rows[-1].id
