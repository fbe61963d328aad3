"""What customers announce, always in batches of one type and inside the transaction of the fact."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class CustomersMerged:
    """From now on `kept_id` stands for `gone_id` too; what belongs to the gone one is to come over.

    `day` is the day of it at the kept customer's store. Whoever cannot let it come over (points that are held, say)
    raises a refusal, and nothing is merged.
    """

    kept_id: int
    gone_id: int
    merge_id: int
    day: date


@dataclass(frozen=True, slots=True)
class CustomersParted:
    """The merge is taken back: `gone_id` stands for itself again, and what came over goes back to it."""

    kept_id: int
    gone_id: int
    merge_id: int
    day: date


@dataclass(frozen=True, slots=True)
class CustomerErased:
    """Nothing is to tell who this customer was; the books stay. `customer_ids` names all that were merged into it too.

    `traces` are the texts that name the person: phones, name, plates, VINs. Whoever owes or is owed raises a refusal.
    """

    customer_id: int
    customer_ids: tuple[int, ...]
    traces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CustomerClosed:
    """The owner closed the account on that day; whoever cannot let it end (points that are reserved) refuses."""

    customer_id: int
    day: date


@dataclass(frozen=True, slots=True)
class AddressReindexed:
    """An identifier of this kind is found by another blind index from now on: whoever keeps the index keeps up."""

    kind: str
    before: bytes
    after: bytes


@dataclass(frozen=True, slots=True)
class OwnerChanged:
    """A vehicle has another main owner from that day on; `former_id` None when it had none."""

    vehicle_id: int
    former_id: int | None
    owner_id: int
    day: date


@dataclass(frozen=True, slots=True)
class MileageRead:
    """Somebody read the mileage of a vehicle, or corrected it; readings of sales are told with the sale."""

    vehicle_id: int
