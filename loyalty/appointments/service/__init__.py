"""What may be done with appointments."""

from loyalty.appointments.service.following import carry, end_of_customers, end_of_vehicle, forget_people
from loyalty.appointments.service.keeping import advance, cancel, make, move
from loyalty.appointments.service.places import set_capacity
from loyalty.appointments.service.reminding import ensure_texts

__all__ = [
    "advance",
    "cancel",
    "carry",
    "end_of_customers",
    "end_of_vehicle",
    "ensure_texts",
    "forget_people",
    "make",
    "move",
    "set_capacity",
]
