"""Members and points for programs."""

import pytest

from loyalty.customers.service import merge_customers
from loyalty.kernel.actor import EVERYTHING, SYSTEM
from loyalty.membership.rules import number_of
from loyalty.points.queries import balance
from loyalty.staff.service import create_api_client

PERMISSIONS = [
    "customers.read",
    "members.read",
    "members.enrol",
    "points.read",
    "points.redeem",
    "points.adjust",
    "points.transfer",
]


class Program:
    """A client that calls the API with a token."""

    def __init__(self, client, token):
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}

    def get(self, path, **query):
        return self.client.get(f"/api/v1/members{path}", headers=self.headers, query_string=query)

    def post(self, path, body, key=None):
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        return self.client.post(f"/api/v1/members{path}", json=body, headers=headers)


@pytest.fixture
def program_of(client, clock):
    def made(*permissions, stores):
        _, token = create_api_client(
            name="core", permissions=list(permissions), store_ids=stores, now=clock.now, by=SYSTEM
        )
        return Program(client, token)

    return made


@pytest.fixture
def program(program_of, store):
    return program_of(*PERMISSIONS, stores=[store])


def usable(member, clock):
    return balance(member.customer_id, now=clock.now).available


def test_a_customer_is_enrolled_once(program, make_customer, rules):
    customer_id = make_customer()
    body = {"customer": f"C-{customer_id:07}", "store": "CD01"}

    first = program.post("", body)
    again = program.post("", body)

    assert first.status_code == 201
    assert first.json["member"]["number"] == number_of(customer_id)
    assert first.json["effects"][0]["kind"] == "membership.enrolled"
    assert (again.status_code, again.json["code"]) == (409, "membership.already_member")


def test_the_same_key_answers_the_same(program, make_customer, rules):
    body = {"customer": f"C-{make_customer():07}", "store": "CD01"}

    first = program.post("", body, key="k1")
    again = program.post("", body, key="k1")
    other = program.post("", body | {"store": "CX01"}, key="k1")

    assert (again.status_code, again.json) == (201, first.json)
    assert other.status_code in {404, 422}


def test_points_are_read_with_level_next_end_and_movements(program, member, clock):
    answer = program.get(f"/{member.number}/points")

    assert answer.status_code == 200
    assert answer.json["balance"] == {"available": 8420, "pending": 0, "held": 0, "debt": 0}
    assert answer.json["level"] == "basic"
    assert [(one["kind"], one["points"], one["source"]) for one in answer.json["movements"]] == [
        ("earn", 8420, "R-88214")
    ]


def test_reading_points_takes_two_statements_with_the_token(program, member, statements):
    program.get(f"/{member.number}/points")  # that the token is in use is written down now and then

    with statements() as sent:
        program.get(f"/{member.number}/points")

    assert len(sent) == 2


def test_points_are_read_as_they_stood(program, member, clock):
    before = clock.now
    clock.advance(days=1)
    program.post(f"/{member.number}/redemptions", {"points": 420})

    then = program.get(f"/{member.number}/points", as_of=before.isoformat())
    now = program.get(f"/{member.number}/points")

    assert then.json["balance"]["available"] == 8420
    assert [one["kind"] for one in then.json["movements"]] == ["earn"]
    assert now.json["balance"]["available"] == 8000


@pytest.mark.parametrize("as_of", ["yesterday", "2026-03-12", "2030-01-01T00:00:00+08:00"])
def test_a_moment_that_is_none_or_still_to_come_is_malformed(program, member, as_of):
    answer = program.get(f"/{member.number}/points", as_of=as_of)

    assert (answer.status_code, list(answer.json["details"]["errors"])) == (422, ["as_of"])


@pytest.mark.parametrize("path", ["", "/points", "/lots", "/entries", "/tier"])
def test_foreign_and_missing_members_are_answered_alike(program, make_member, far_store, path):
    far = make_member(home=far_store, points=100)
    missing = number_of(far.customer_id + 1000)

    answers = [program.get(f"/{number}{path}") for number in (far.number, missing, "123")]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert {answer.json["code"] for answer in answers} == {"membership.not_found"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/redemptions", {"points": 1}),
        ("/redemptions/R1:return", {"points": 1, "reason": "x"}),
        ("/adjustments", {"points": 1, "reason": "x"}),
        ("/transfers", {"points": 1, "to": "x", "reason": "x"}),
    ],
)
def test_foreign_members_are_not_changed(program, make_member, far_store, clock, path, body):
    far = make_member(home=far_store, points=100)

    answer = program.post(f"/{far.number}{path}", body)

    assert answer.status_code == 404
    assert usable(far, clock) == 100


def test_a_token_without_the_permission_is_refused(program_of, member, store):
    reader = program_of("points.read", stores=[store])

    answer = reader.post(f"/{member.number}/redemptions", {"points": 1})

    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


def test_a_redemption_tells_its_effects_and_the_balance(program, member):
    answer = program.post(f"/{member.number}/redemptions", {"points": 420, "document": "R-90001"})

    assert answer.status_code == 200
    assert answer.json["balance"]["available"] == 8000
    assert [effect["kind"] for effect in answer.json["effects"]] == ["points.redeem"]


def test_a_dry_run_answers_the_same_and_does_nothing(program, member, clock):
    tried = program.post(f"/{member.number}/redemptions", {"points": 420, "dry_run": True}, key="k")
    left = usable(member, clock)
    done = program.post(f"/{member.number}/redemptions", {"points": 420}, key="k")

    assert left == 8420
    assert done.status_code == 200
    assert tried.json["effects"] == done.json["effects"]
    assert tried.json["balance"] == done.json["balance"]


def test_the_same_key_redeems_once(program, member, clock):
    answers = [program.post(f"/{member.number}/redemptions", {"points": 420}, key="k") for _ in range(3)]
    other = program.post(f"/{member.number}/redemptions", {"points": 421}, key="k")

    assert {answer.json["key"] for answer in answers} == {answers[0].json["key"]}
    assert (other.status_code, other.json["code"]) == (422, "key_reused")
    assert usable(member, clock) == 8000


def test_too_much_is_refused_with_what_there_is(program, member, clock):
    answer = program.post(f"/{member.number}/redemptions", {"points": 9000})

    assert (answer.status_code, answer.json["code"]) == (409, "points.not_enough")
    assert answer.json["details"] == {"available": 8420, "asked": 9000}
    assert usable(member, clock) == 8420


def test_a_redemption_goes_back_by_its_key(program, member, clock):
    key = program.post(f"/{member.number}/redemptions", {"points": 420}).json["key"]

    answer = program.post(f"/{member.number}/redemptions/{key}:return", {"points": 20, "reason": "少用一份"})
    more = program.post(f"/{member.number}/redemptions/{key}:return", {"points": 401, "reason": "再退"})

    assert answer.json["balance"]["available"] == 8020
    assert (more.status_code, more.json["code"]) == (409, "points.return_above_redeemed")
    assert usable(member, clock) == 8020


@pytest.mark.parametrize("points", [True, False, 1.5, 1.0, "12", "１２", None, 0, -1, 2**53 + 1, [1], float("nan")])
def test_points_that_are_no_whole_number_are_malformed(program, member, clock, points):
    answer = program.post(f"/{member.number}/redemptions", {"points": points})

    assert (answer.status_code, list(answer.json["details"]["errors"])) == (422, ["points"])
    assert usable(member, clock) == 8420


@pytest.mark.parametrize("points", [True, 1.5, "12", "１２", None, 0, -(2**53) - 1])
def test_an_adjustment_is_a_whole_number_but_not_0(program, member, clock, points):
    answer = program.post(f"/{member.number}/adjustments", {"points": points, "reason": "x"})

    assert (answer.status_code, list(answer.json["details"]["errors"])) == (422, ["points"])
    assert usable(member, clock) == 8420


def test_unknown_fields_are_refused(program, member, clock):
    answer = program.post(f"/{member.number}/redemptions", {"points": 1, "pionts": 2})

    assert (answer.status_code, list(answer.json["details"]["errors"])) == (422, ["pionts"])
    assert usable(member, clock) == 8420


def test_adjustments_add_and_take_up_to_the_limit(program, member, clock):
    program.post(f"/{member.number}/adjustments", {"points": 500, "reason": "补"})
    program.post(f"/{member.number}/adjustments", {"points": -500, "reason": "扣"})
    above = program.post(f"/{member.number}/adjustments", {"points": 1, "reason": "补"})

    assert (above.status_code, above.json["code"]) == (409, "membership.adjustment_above_limit")
    assert usable(member, clock) == 8420


def test_points_are_transferred(program, member, make_member, clock):
    other = make_member("李梅")

    answer = program.post(f"/{member.number}/transfers", {"points": 420, "to": other.number, "reason": "合并"})

    assert answer.status_code == 200
    assert (usable(member, clock), usable(other, clock)) == (8000, 420)


def test_an_order_is_in_the_currency_of_the_store(program, member, clock):
    body = {"points": 1, "order": {"minor": 100, "currency": "USD"}}

    answer = program.post(f"/{member.number}/redemptions", body)

    assert (answer.status_code, list(answer.json["details"]["errors"])) == (422, ["order"])
    assert usable(member, clock) == 8420


def test_entries_and_lots_go_on_by_cursor(program, member):
    for _ in range(3):
        program.post(f"/{member.number}/redemptions", {"points": 1})

    first = program.get(f"/{member.number}/entries", limit=3).json
    second = program.get(f"/{member.number}/entries", limit=3, cursor=first["next_cursor"]).json
    lots = program.get(f"/{member.number}/lots").json

    assert [one["points"] for one in first["items"] + second["items"]] == [-1, -1, -1, 8420]
    assert second["next_cursor"] is None
    assert [(lot["points"], lot["remaining"], lot["source"]) for lot in lots["items"]] == [(8420, 8417, "R-88214")]


def test_a_forged_cursor_is_malformed(program, member):
    assert program.get(f"/{member.number}/entries", cursor="abc").status_code == 422


def test_a_level_explains_itself(program, member):
    answer = program.get(f"/{member.number}/tier").json

    assert answer["level"] == "basic"
    assert [rung["level"] for rung in answer["ladder"]] == ["basic", "silver", "gold", "platinum"]
    silver = answer["ladder"][1]
    assert (silver["least"], silver["reached"]) == (1, False)
    assert [(one["metric"], one["missing"]) for one in silver["criteria"]] == [("spend", 300_000), ("visits", 2)]


def test_members_are_listed_by_level_and_state(program, make_member):
    make_member(), make_member()

    page = program.get("", level="basic", limit=1).json
    rest = program.get("", level="basic", limit=1, cursor=page["next_cursor"]).json

    assert len(page["items"]) == len(rest["items"]) == 1
    assert rest["next_cursor"] is None
    assert program.get("", state="asleep").status_code == 422


def test_the_member_of_a_customer_is_found_by_our_number_and_by_that_of_another_system(program, make_member):
    make_member()
    wanted = make_member()

    ours = program.get("", customer=f"C-{wanted.customer_id:07}").json
    theirs = program.get("", customer="K00002", source="core").json

    assert [one["number"] for one in ours["items"]] == [wanted.number]
    assert ours == theirs


def test_a_number_that_nobody_has_finds_no_member(program, member):
    for query in ({"customer": "C-9999999"}, {"customer": "nonsense"}, {"customer": "K00001", "source": "else"}):
        assert program.get("", **query).json == {"items": [], "next_cursor": None}


def test_a_member_of_another_store_is_not_found_by_number(program, make_member, far_store):
    foreign = make_member(home=far_store)

    assert program.get("", customer=f"C-{foreign.customer_id:07}").json["items"] == []


def test_a_source_without_a_number_is_malformed(program, member):
    answer = program.get("", source="core")

    assert (answer.status_code, list(answer.json["details"]["errors"])) == (422, ["source"])


def test_the_member_of_whoever_was_merged_is_the_one_who_was_kept(program, make_member, clock):
    kept, gone = make_member(), make_member()
    merge_customers(kept.customer_id, gone.customer_id, {}, scope=EVERYTHING, now=clock.now, by=SYSTEM)

    by_ours = program.get("", customer=f"C-{gone.customer_id:07}").json["items"]
    by_theirs = program.get("", customer="K00002", source="core").json["items"]

    assert [one["number"] for one in by_ours] == [one["number"] for one in by_theirs] == [kept.number]
