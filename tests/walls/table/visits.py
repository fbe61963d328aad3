"""Follow-up plans: each belongs to the store of its sale."""

from tests.walls.row import DONE, read, write

ROWS = {
    "GET /staff/visits": read("tasks.read", lists="plans"),
    "GET /staff/visits/plans": read("tasks.read"),
    "GET /staff/visits/<int:plan_id>": read("tasks.read", "plan"),
    "POST /staff/visits/<int:plan_id>/stop": write("tasks.work", "plan", own=DONE | {409}),
    "GET /api/v1/visits": read("tasks.read", lists="customer numbers"),
    "GET /api/v1/visits/<int:plan_id>": read("tasks.read", "plan"),
    "POST /api/v1/visits/<int:plan_id>:stop": write("tasks.work", "plan", own=DONE | {409}),
    "POST /staff/visits/vehicles/<int:vehicle_id>/inspection": write(
        "tasks.work", "vehicle", sends={"exceptions": "none"}
    ),
}
