"""Everything about a person, for the copy that the person may have: who tells which part, of which tables.

A feature with a table that names a customer adds its part here, or its reason below; a test goes over all tables.
"""

from collections.abc import Mapping, Sequence

from loyalty.appointments import queries as appointments_queries
from loyalty.approvals import queries as approvals_queries
from loyalty.customers.queries import copies as customer_copies
from loyalty.customers.rules import CopyPart
from loyalty.earning import queries as earning_queries
from loyalty.membership.queries import copies as membership_copies
from loyalty.messaging.queries import copies as messaging_copies
from loyalty.owners import queries as owners_queries
from loyalty.points.queries import copies as points_copies
from loyalty.sales.queries import copies as sales_copies
from loyalty.tasks import queries as tasks_queries
from loyalty.tiers.queries import copies as tiers_copies
from loyalty.visits import queries as visits_queries

PARTS: Sequence[CopyPart] = (
    CopyPart("person", "Own data", ("customers",), customer_copies.own_data),
    CopyPart(
        "identifiers",
        "Phones, addresses and numbers",
        ("identifiers", "external_numbers"),
        customer_copies.own_identifiers,
    ),
    CopyPart("consents", "Consents", ("consent_events",), customer_copies.own_consents),
    CopyPart("vehicles", "Vehicles", ("ownerships", "vehicles"), customer_copies.own_vehicles),
    CopyPart("mileage", "Mileage", ("odometer_readings",), customer_copies.own_readings),
    CopyPart("households", "Households", ("household_people", "households"), customer_copies.own_households),
    CopyPart("membership", "Membership", ("members",), membership_copies.own_membership),
    CopyPart("level", "Level", ("tier_standings",), tiers_copies.own_standing),
    CopyPart("levels", "History of levels", ("level_changes",), tiers_copies.own_changes),
    CopyPart("reviews", "Decisions about the level", ("tier_evaluations",), tiers_copies.own_evaluations),
    CopyPart("level_days", "What counts for the level", ("tier_days",), tiers_copies.own_days),
    CopyPart("levels_by_hand", "Levels set by hand", ("tier_floors",), tiers_copies.own_floors),
    CopyPart(
        "points",
        "Movements of points",
        ("ledger_transactions", "points_remarks", "points_accounts"),
        points_copies.own_entries,
    ),
    CopyPart("lots", "Points by award", ("points_lots", "points_lot_ends"), points_copies.own_lots),
    CopyPart("holds", "Reserved points", ("points_holds",), points_copies.own_holds),
    CopyPart("earned", "What sales earned", ("award_lines",), earning_queries.own_lines),
    CopyPart("sales", "Sales", ("sales", "sale_lines"), sales_copies.own_sales),
    CopyPart("refunds", "Refunds", ("refunds", "refund_lines"), sales_copies.own_refunds),
    CopyPart("corrections", "Sales before corrections", ("sale_versions",), sales_copies.own_corrections),
    CopyPart("timeline", "Timeline", ("timeline_rows",), customer_copies.own_timeline),
    CopyPart("requests", "Merges and requests", ("customer_merges", "erasure_requests"), customer_copies.own_requests),
    CopyPart("tasks", "Tasks", ("tasks",), tasks_queries.own_tasks),
    CopyPart("appointments", "Appointments", ("appointments",), appointments_queries.own_appointments),
    CopyPart("calls", "Calls", ("task_attempts",), tasks_queries.own_attempts),
    CopyPart("plans", "Follow-up plans", ("plans",), visits_queries.own_plans),
    CopyPart("plan_steps", "Steps of follow-up plans", ("plan_steps",), visits_queries.own_steps),
    CopyPart("approvals", "Approvals", ("approvals",), approvals_queries.own_requests),
    CopyPart(
        "messages",
        "Messages",
        ("messages", "message_attempts", "send_decisions", "message_receipts", "message_inquiries"),
        messaging_copies.own_messages,
    ),
    CopyPart("replies", "Replies", ("message_replies",), messaging_copies.own_replies),
    CopyPart("sessions", "Signed-in browsers", ("web_sessions",), owners_queries.own_sessions),
    CopyPart("trail", "Who changed or saw the data", ("audit_rows",), customer_copies.own_trail),
)

# Tables that name a customer and have no part of their own, each with the reason.
NOT_IN_COPY: Mapping[str, str] = {
    "search_keys": "made from the name alone",
    "tombstones": "hashes of people who are no customers any more",
    "sale_numbers": "leads to the sale of that number, which is in the copy",
    "refund_numbers": "leads to the refund of that number, which is in the copy",
    "sale_answers": "the words of what the movements of points say, which are in the copy",
    "task_changes": "how a task of the copy went from state to state",
    "plan_facts": "sales and deliveries that are in the copy, on their way to the plans",
    "ledger_postings": "the two sides of movements that are in the copy",
    "ledger_allocations": "which lot a movement used; both are in the copy",
}
