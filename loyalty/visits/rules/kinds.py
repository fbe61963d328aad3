"""The tasks that steps become."""

from collections.abc import Sequence

from loyalty.tasks.rules import INVITATION, SATISFACTION, TaskKind

DELIVERY_CALL = TaskKind(
    "Follow-up after delivery",
    "delivery-call",
    "follow-up",
    script="Hello {customer}, this is {agent} of {store}. Your new car has been with you for a few days. How is it, "
    "and is there anything we should explain again?",
    outcomes=SATISFACTION,
)
SERVICE_CALL = TaskKind(
    "Follow-up after service",
    "service-call",
    "follow-up",
    script="Hello {customer}, this is {agent} of {store}. Your car {vehicle} was with us for service. We would like to "
    "hear how it drives. Do you have a minute or two?",
    outcomes=SATISFACTION,
)
FIRST_SERVICE = TaskKind(
    "Invitation to the first service",
    "first-service",
    "invitation",
    script="Hello {customer}, this is {agent} of {store}. The first service of your car {vehicle} is coming up. Which "
    "day suits you? We keep the place for you.",
    outcomes=INVITATION,
)
MAINTENANCE = TaskKind(
    "Invitation to maintenance",
    "maintenance",
    "invitation",
    script="Hello {customer}, this is {agent} of {store}. The next maintenance of your car {vehicle} is coming up. "
    "Which day suits you? We keep the place for you.",
    outcomes=INVITATION,
)
INSPECTION_CALL = TaskKind(
    "Reminder of the inspection",
    "inspection",
    "invitation",
    script="Hello {customer}, this is {agent} of {store}. The inspection of your car {vehicle} is coming up. Shall we "
    "take it there for you, or do you have any questions about it?",
    outcomes=INVITATION,
)
COMPLAINT_CALL = TaskKind(
    "Follow-up after a complaint",
    "complaint-call",
    "follow-up",
    script="Hello {customer}, this is {agent} of {store}. Some time ago we closed your complaint. Is everything still "
    "as it should be?",
    outcomes=SATISFACTION,
)
KINDS: Sequence[TaskKind] = (
    DELIVERY_CALL,
    SERVICE_CALL,
    FIRST_SERVICE,
    MAINTENANCE,
    INSPECTION_CALL,
    COMPLAINT_CALL,
)
