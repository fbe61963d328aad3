"""How identifiers and plates are sealed, found again and opened."""

from loyalty.customers.rules import without_province
from loyalty.kernel.crypto import KeyRing, blind_index, blind_indexes, readable, seal, unseal


def blind(kind: str, value: str) -> bytes:
    """Return the blind index of an identifier in its normal form."""
    return blind_index(value, purpose=f"identifiers.{kind}")


def blinds(kind: str, value: str) -> tuple[bytes, ...]:
    """Return the blind indexes under which an identifier may stand: two while the index key turns."""
    return blind_indexes(value, purpose=f"identifiers.{kind}")


def seal_identifier(customer_id: int, value: str) -> bytes:
    """Return the identifier sealed for this customer; it opens for no other."""
    return seal(value, place=f"identifiers.sealed:{customer_id}")


def open_identifier(customer_id: int, sealed: bytes, ring: KeyRing | None = None) -> str:
    """Return the identifier that was sealed for this customer; who opens many gives the ring."""
    return unseal(sealed, place=f"identifiers.sealed:{customer_id}", ring=ring)


def readable_identifier(customer_id: int, sealed: bytes, ring: KeyRing | None = None) -> str:
    """Return the same to be shown or compared; UNREADABLE where it does not open."""
    return readable(sealed, place=f"identifiers.sealed:{customer_id}", ring=ring)


def blind_plate(plate: str) -> bytes:
    """Return the blind index of a whole plate in its normal form."""
    return blind_index(plate, purpose="vehicles.plate")


def blind_plate_end(plate_end: str) -> bytes:
    """Return the blind index of a plate without its province."""
    return blind_index(plate_end, purpose="vehicles.plate_end")


def blinds_of_plate(plate: str) -> tuple[bytes, ...]:
    """Return the blind indexes under which a whole plate may stand."""
    return blind_indexes(plate, purpose="vehicles.plate")


def blinds_of_plate_end(plate_end: str) -> tuple[bytes, ...]:
    """Return the blind indexes under which a plate without its province may stand."""
    return blind_indexes(plate_end, purpose="vehicles.plate_end")


def sealed_plate(vin: str, plate: str) -> tuple[bytes, bytes, bytes]:
    """Return the plate sealed for this vehicle, its blind index, and that of its end without the province."""
    return (
        seal(plate, place=f"vehicles.plate:{vin}"),
        blind_plate(plate),
        blind_plate_end(without_province(plate)),
    )


def open_plate(vin: str, sealed: bytes) -> str:
    """Return the plate that was sealed for this vehicle."""
    return unseal(bytes(sealed), place=f"vehicles.plate:{vin}")


def readable_plate(vin: str, sealed: bytes) -> str:
    """Return the same to be shown or compared; UNREADABLE where it does not open."""
    return readable(bytes(sealed), place=f"vehicles.plate:{vin}")


def tombstone(kind: str, value: str) -> bytes:
    """Return the keyed hash by which what an erased person had is recognised; it leads back to nobody."""
    return blind_index(value, purpose=f"tombstones.{kind}")


def tombstones(kind: str, value: str) -> tuple[bytes, ...]:
    """Return the keyed hashes under which what an erased person had may stand."""
    return blind_indexes(value, purpose=f"tombstones.{kind}")
