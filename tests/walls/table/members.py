"""Members, their points and levels: each belongs to the store that enrolled it."""

from tests.walls.row import read, write

USE = {"points": "10", "key": "walls-1", "reason": "walls"}
ADJUST = USE | {"direction": "add"}
JSON_USE = {"points": 10, "reason": "walls"}
LEVEL = {"level": "gold", "until": "2026-12-31", "reason": "walls"}


def joins(target):
    """Enrol the customer, who is a member already: refused by name, but to whom may not see it not found."""
    return {"customer": target["number"], "store": "EAST1"}


def to_mate(target):
    """Transfer to the other member of the target's store."""
    return JSON_USE | {"to": target["mate"]}


def form_to_mate(target):
    """The same on the page."""
    return USE | {"to": target["mate"]}


ROWS = {
    "GET /staff/members": read("members.read", lists="members"),
    "GET /staff/members/new": read("members.enrol"),
    "POST /staff/members/new": write("members.enrol", "customer", sends=joins, own=frozenset({409}), missing=409),
    "GET /staff/members/<number>": read("members.read", "member"),
    "GET /staff/members/<number>/points": read("points.read", "member"),
    "GET /staff/members/<number>/points/<int:movement_id>": read("points.read", "movement"),
    "GET /staff/members/<number>/adjust": read("points.adjust", "member"),
    "POST /staff/members/<number>/adjust/check": write("points.adjust", "member", sends=ADJUST),
    "POST /staff/members/<number>/adjust": write("points.adjust", "member", sends=ADJUST),
    "GET /staff/members/<number>/redeem": read("points.redeem", "member"),
    "POST /staff/members/<number>/redeem/check": write("points.redeem", "member", sends=USE),
    "POST /staff/members/<number>/redeem": write("points.redeem", "member", sends=USE),
    "GET /staff/members/<number>/redemptions/<key>/return": read("points.redeem", "redemption"),
    "POST /staff/members/<number>/redemptions/<key>/return/check": write("points.redeem", "redemption", sends=USE),
    "POST /staff/members/<number>/redemptions/<key>/return": write("points.redeem", "redemption", sends=USE),
    "GET /staff/members/<number>/state": read("members.enrol", "member"),
    "POST /staff/members/<number>/state": write(
        "members.enrol", "member", sends={"move": "suspend", "reason": "walls"}
    ),
    "GET /staff/members/<number>/level": read("tiers.set", "member"),
    # The members of the world have a level that waits already.
    "POST /staff/members/<number>/level": write("tiers.set", "member", sends=LEVEL, own=frozenset({409})),
    "GET /staff/members/<number>/transfer": read("points.transfer", "member"),
    "POST /staff/members/<number>/transfer/check": write("points.transfer", "member", sends=form_to_mate),
    "POST /staff/members/<number>/transfer": write("points.transfer", "member", sends=form_to_mate),
    "POST /staff/members/<number>/transfer/check #to": write(
        "points.transfer", "recipient", sends=form_to_mate, missing=422
    ),
    "POST /staff/members/<number>/transfer #to": write("points.transfer", "recipient", sends=form_to_mate, missing=422),
    "GET /staff/members/export.xlsx": read("exports.run", lists="members"),
    "GET /api/v1/members": read("members.read", lists="members"),
    "POST /api/v1/members": write("members.enrol", "customer", sends=joins, own=frozenset({409})),
    "GET /api/v1/members/<number>": read("members.read", "member"),
    "GET /api/v1/members/<number>/points": read("points.read", "member"),
    "GET /api/v1/members/<number>/lots": read("points.read", "member"),
    "GET /api/v1/members/<number>/entries": read("points.read", "member"),
    "GET /api/v1/members/<number>/tier": read("members.read", "member"),
    "GET /api/v1/members/<number>/floors": read("members.read", "member"),
    "POST /api/v1/members/<number>/floors": write("tiers.set", "member", sends=LEVEL, own=frozenset({409})),
    "POST /api/v1/members/<number>/state": write(
        "members.enrol", "member", sends={"move": "suspend", "reason": "walls"}
    ),
    "POST /api/v1/members/<number>/adjustments": write("points.adjust", "member", sends=JSON_USE),
    "POST /api/v1/members/<number>/redemptions": write("points.redeem", "member", sends=JSON_USE),
    "POST /api/v1/members/<number>/redemptions/<key>:return": write("points.redeem", "redemption", sends=JSON_USE),
    "GET /api/v1/members/<number>/holds": read("points.read", "member"),
    "POST /api/v1/members/<number>/holds": write("points.redeem", "member", sends=JSON_USE),
    "POST /api/v1/members/<number>/holds/<key>:capture": write(
        "points.redeem", "hold", sends={"points": 10}, own=frozenset({200})
    ),
    "POST /api/v1/members/<number>/holds/<key>:release": write("points.redeem", "hold", sends={}),
    "POST /api/v1/members/<number>/transfers": write("points.transfer", "member", sends=to_mate),
    "POST /api/v1/members/<number>/transfers #to": write("points.transfer", "recipient", sends=to_mate),
}
