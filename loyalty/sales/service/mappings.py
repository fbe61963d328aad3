"""Mappings saved for the next file of the same kind."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import transaction
from loyalty.kernel.errors import Malformed
from loyalty.sales.models import ColumnMapping
from loyalty.sales.rules import FileMapping, mapping_body
from loyalty.staff.service import AuditEntry, record_audit

LONGEST_NAME = 60


def save_mapping(name: str, mapping: FileMapping, *, now: datetime, by: Actor) -> None:
    """Save a mapping under a name; one of that name is replaced."""
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        raise Malformed({"name": ["A name has 1 to 60 characters."]})
    values = {"name": name.strip(), "body": mapping_body(mapping), "saved_at": now, "saved_by": by.name}
    changed = {column: values[column] for column in ("body", "saved_at", "saved_by")}
    statement = insert(ColumnMapping).values(values).on_conflict_do_update(index_elements=["name"], set_=changed)
    with transaction() as session:
        mapping_id = session.scalar(statement.returning(ColumnMapping.id))
        record_audit([AuditEntry("mapping.saved", "mapping", mapping_id, by, now, after={"name": values["name"]})])
