"""Sales by the JSON API: what is answered, and what is refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError
from sqlalchemy import func, select

from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.db import db
from loyalty.sales.models import Refund, Sale
from loyalty.sales.schemas import SaleBody
from loyalty.sales.schemas.quick import quick_sale
from loyalty.staff.service import create_api_client
from tests.sales.conftest import VIN


def yuan(minor, currency="CNY"):
    return {"minor": minor, "currency": currency}


def body(number="S-1", **changes):
    sale = {
        "source": "core",
        "number": number,
        "kind": "service",
        "store": "CD01",
        "customer": {"number": "K-1", "name": "王建国"},
        "occurred_at": "2026-03-10T14:00:00+08:00",
        "lines": [{"number": 1, "category": "labour", "quantity": 2, "gross": yuan(11_300), "tax": yuan(1_300)}],
    }
    return {name: value for name, value in {**sale, **changes}.items() if value is not ...}


class Program:
    """A client of the API with a token."""

    def __init__(self, client, token):
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}"}

    def call(self, method, path, json=None, key=None):
        headers = {**self.headers, **({"Idempotency-Key": key} if key else {})}
        return self.client.open(f"/api/v1{path}", method=method, json=json, headers=headers)

    def post(self, path, json, key=None):
        return self.call("POST", path, json, key)

    def put(self, path, json, key=None):
        return self.call("PUT", path, json, key)

    def get(self, path):
        return self.call("GET", path)


@pytest.fixture
def program(client, clock, store):
    def make(*permissions, stores=(store,), name="core link"):
        _, token = create_api_client(
            name=name, permissions=list(permissions), store_ids=list(stores), now=clock.now, by=SYSTEM
        )
        return Program(client, token)

    return make


@pytest.fixture
def core(program):
    return program("sales.read", "sales.write")


def sales():
    return db.session.scalar(select(func.count()).select_from(Sale))


def test_a_sale_is_created_once_and_answers_the_same(core, listener):
    first = core.post("/sales", body())
    again = core.post("/sales", body())

    assert (first.status_code, first.json["state"]) == (201, "created")
    assert (again.status_code, again.json["state"]) == (200, "same")
    assert first.json["effects"] == again.json["effects"] != []
    assert first.json["effects"][0]["numbers"] == {"kind": "SaleRecorded", "number": "S-1"}
    assert sales() == 1


def test_other_content_under_its_number_is_a_conflict_and_a_put_corrects(core):
    core.post("/sales", body())
    dearer = body(lines=[{"number": 1, "gross": yuan(12_000)}])

    refused = core.post("/sales", dearer)
    corrected = core.put("/sales/core/S-1", dearer)
    shown = core.get("/sales/core/S-1")

    assert (refused.status_code, refused.json["code"]) == (409, "sales.number_taken")
    assert (corrected.status_code, corrected.json["state"], corrected.json["version"]) == (200, "corrected", 2)
    assert (shown.json["gross"], shown.json["version"]) == (yuan(12_000), 2)


def test_a_sale_is_shown_with_its_lines(core):
    core.post("/sales", body(vehicle={"vin": VIN, "plate": "川A12345"}, odometer=20_000))

    shown = core.get("/sales/core/S-1").json

    assert (shown["net"], shown["store"], shown["vin"]) == (yuan(10_000), "CD01", VIN)
    assert shown["lines"][0]["quantity"] == "2.000"
    assert shown["lines"][0]["tax"] == yuan(1_300)


def test_numbers_may_have_slashes(core):
    core.post("/sales", body("2026/03/7"))

    assert core.get("/sales/core/2026/03/7").json["number"] == "2026/03/7"


def test_the_list_goes_page_by_page_and_takes_filters(core):
    for number in range(5):
        core.post("/sales", body(f"S-{number}", kind="parts" if number == 3 else "service"))

    first = core.get("/sales?limit=2").json
    second = core.get(f"/sales?limit=2&cursor={first['next_cursor']}").json
    third = core.get(f"/sales?limit=2&cursor={second['next_cursor']}").json

    numbers = [sale["number"] for page in (first, second, third) for sale in page["items"]]
    assert (numbers, third["next_cursor"]) == (["S-4", "S-3", "S-2", "S-1", "S-0"], None)
    assert [sale["number"] for sale in core.get("/sales?kind=parts").json["items"]] == ["S-3"]
    assert core.get("/sales?since=2026-03-11").json["items"] == []
    assert core.get("/sales?cursor=forged").status_code == 422


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"colour": "red"}, "colour"),
        ({"store": ...}, "store"),
        ({"store": "XX99"}, "store"),
        ({"occurred_at": "2026-02-29T10:00:00+08:00"}, "occurred_at"),
        ({"occurred_at": "2026-02-30"}, "occurred_at"),
        ({"occurred_at": "2026-03-10T10:00:00"}, "occurred_at"),
        ({"occurred_at": 5}, "occurred_at"),
        ({"occurred_at": "0001-01-01T00:00:00+08:00"}, "occurred_at"),
        ({"lines": []}, "lines"),
        ({"lines": [{"number": 1, "gross": yuan(-1)}]}, "lines[0].gross"),
        ({"lines": [{"number": 1, "gross": yuan("１２")}]}, "lines[0].gross"),
        ({"lines": [{"number": 1, "gross": yuan("12")}]}, "lines[0].gross"),
        ({"lines": [{"number": 1, "gross": yuan(12.5)}]}, "lines[0].gross"),
        ({"lines": [{"number": 1, "gross": yuan(True)}]}, "lines[0].gross"),
        ({"lines": [{"number": 1, "gross": yuan(12, "XYZ")}]}, "lines[0].gross"),
        ({"lines": [{"number": 1, "gross": 12}]}, "lines[0].gross"),
        ({"lines": [{"number": True, "gross": yuan(12)}]}, "lines[0].number"),
        ({"lines": [{"number": 1, "gross": yuan(12), "quantity": 1.5}]}, "lines[0].quantity"),
        ({"lines": [{"number": 1, "gross": yuan(12), "quantity": "１"}]}, "lines[0].quantity"),
        ({"lines": [{"number": 1, "gross": yuan(12), "tax": yuan(1, "USD")}]}, "lines[0].tax"),
        ({"points_paid": yuan(1, "USD")}, "points_paid"),
        ({"vehicle": {"vin": "LSVAA4182E212345O"}}, "vehicle.vin"),
        ({"customer": {"number": "K-1", "age": 5}}, "customer.age"),
        ({"customer": "K-1"}, "customer"),
        ({"kind": "gift"}, "kind"),
        ({"odometer": True}, "odometer"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(core, changes, place):
    answer = core.post("/sales", body(**changes))

    assert (answer.status_code, answer.json["code"]) == (422, "malformed")
    assert place in answer.json["details"]["errors"]
    assert sales() == 0


@pytest.mark.parametrize("sent", [b"{", b"\xff", b"[]", b"5", b"null"])
def test_a_body_that_is_no_sale_is_refused(core, sent):
    answer = core.client.post("/api/v1/sales", data=sent, headers={**core.headers, "Content-Type": "application/json"})

    assert answer.status_code in {400, 422}
    assert answer.json["code"] in {"bad_request", "malformed"}


def test_an_idempotency_key_answers_the_same_and_refuses_another_body(core):
    first = core.post("/sales", body("S-1"), key="a")
    again = core.post("/sales", body("S-1"), key="a")
    other = core.post("/sales", body("S-2"), key="a")

    assert (first.json, first.status_code) == (again.json, again.status_code)
    assert (other.status_code, other.json["code"], sales()) == (422, "key_reused", 1)


def test_a_batch_answers_each_sale_for_itself(core):
    core.post("/sales", body("S-1"))
    sent = [body("S-1"), body("S-2"), body("S-3", store="XX99"), {"source": "core"}, body("S-1", kind="parts")]

    answer = core.post("/sales:batch", {"sales": sent})

    assert answer.status_code == 200
    assert [one["state"] for one in answer.json["sales"]] == ["same", "created", "rejected", "rejected", "rejected"]
    assert answer.json["counts"] == {"same": 1, "created": 1, "rejected": 3}
    errors = [one["error"] for one in answer.json["sales"][2:]]
    assert [error["code"] for error in errors] == ["malformed", "malformed", "sales.number_twice"]
    assert "number" in errors[1]["details"]["errors"]
    assert sales() == 2


@pytest.mark.parametrize("sent", [{"sales": []}, {"sales": [{}] * 501}, {"sale": []}, [], {"sales": {}}])
def test_a_batch_of_none_or_too_many_is_refused(core, sent):
    assert core.post("/sales:batch", sent).status_code == 422


def test_a_refund_gives_back_by_quantity_or_amount_and_answers_the_same(core):
    core.post("/sales", body())
    refund = {"number": "R-1", "occurred_at": "2026-03-11T10:00:00+08:00", "lines": [{"number": 1, "quantity": 1}]}

    first = core.post("/sales/core/S-1/refunds", refund)
    again = core.post("/sales/core/S-1/refunds", refund)
    rest = core.post(
        "/sales/core/S-1/refunds", {**refund, "number": "R-2", "lines": [{"number": 1, "amount": yuan(5_650)}]}
    )

    assert (first.status_code, again.status_code, rest.status_code) == (201, 200, 201)
    assert first.json["effects"] == again.json["effects"]
    assert first.json["effects"][0]["kind"] == "sales.refunded"
    assert core.get("/sales/core/S-1").json["refunded"] == yuan(11_300)


@pytest.mark.parametrize(
    ("lines", "status", "code"),
    [
        ([{"number": 1, "quantity": 3}], 409, "sales.more_than_sold"),
        ([{"number": 1, "amount": yuan(11_301)}], 409, "sales.more_than_sold"),
        ([{"number": 2, "quantity": 1}], 422, "malformed"),
        ([{"number": 1}], 422, "malformed"),
        ([{"number": 1, "quantity": 1, "amount": yuan(1)}], 422, "malformed"),
        ([{"number": 1, "amount": yuan(1, "USD")}], 422, "malformed"),
        ([{"number": 1, "quantity": True}], 422, "malformed"),
        ([{"number": 1, "points": 5}], 422, "malformed"),
    ],
)
def test_a_refund_that_cannot_be_is_refused(core, lines, status, code):
    core.post("/sales", body())

    refund = {"number": "R-1", "occurred_at": "2026-03-11T10:00:00+08:00", "lines": lines}
    answer = core.post("/sales/core/S-1/refunds", refund)

    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert db.session.scalar(select(func.count()).select_from(Refund)) == 0


PLENTY = {"minor": 999_900, "currency": "CNY"}


def test_a_refund_above_what_was_sold_names_line_sold_before_and_asked(core):
    core.post("/sales", body())
    asked = {"number": "R-1", "occurred_at": "2026-03-11T10:00:00+08:00", "lines": [{"number": 1, "quantity": 3}]}

    details = core.post("/sales/core/S-1/refunds", asked).json["details"]

    assert details == {"line": 1, "sold": "2", "refunded": "0", "asked": "3", "left": "2"}


def test_a_refund_above_the_amount_tells_money(core):
    core.post("/sales", body())
    asked = {"number": "R-1", "occurred_at": "2026-03-11T10:00:00+08:00", "lines": [{"number": 1, "amount": PLENTY}]}

    answer = core.post("/sales/core/S-1/refunds", asked).json

    assert answer["details"]["asked"] == PLENTY
    assert "¥9,999.00" in answer["message"]


def test_an_unknown_sale_and_one_of_another_store_answer_alike(core, program, far_store):
    far = program("sales.read", "sales.write", stores=[far_store], name="far link")
    core.post("/sales", body())
    refund = {"number": "R-1", "occurred_at": "2026-03-11T10:00:00+08:00", "lines": [{"number": 1, "quantity": 1}]}

    for method, path, json in [
        ("GET", "/sales/core/{}", None),
        ("PUT", "/sales/core/{}", {}),
        ("POST", "/sales/core/{}/refunds", refund),
    ]:
        answers = []
        for number in ("S-1", "S-9"):
            sent = body(number, store="CX01") if method == "PUT" else json
            answers.append(far.call(method, path.format(number), sent))
        assert {answer.status_code for answer in answers} == {404}
        assert answers[0].json["message"].replace("S-1", "S-9") == answers[1].json["message"]
    assert far.get("/sales").json["items"] == []


def test_without_the_permission_or_a_token_nothing_is_done(client, program):
    reader = program("sales.read")

    assert reader.post("/sales", body()).status_code == 403
    assert reader.post("/sales", {"junk": 1}).status_code == 403
    assert client.post("/api/v1/sales", json=body()).status_code == 401
    assert sales() == 0


AMOUNTS = st.integers(0, 10**9) | st.sampled_from([-1, True, 1.5, "12", None])
LINES = st.fixed_dictionaries(
    {"number": st.integers(0, 3), "gross": st.builds(yuan, AMOUNTS, st.sampled_from(["CNY", "USD", "XXX"]))},
    optional={
        "quantity": st.integers(-1, 9) | st.sampled_from(["1.5", "2", 1.5, True, None]),
        "tax": st.builds(yuan, st.integers(0, 5)),
        "net": st.builds(yuan, AMOUNTS),
        "sku": st.sampled_from(["A-1", "", " x ", "机油", None, 5]),
        "category": st.sampled_from(["labour", "机油", ""]),
        "more": st.just(1),
    },
)
BODIES = st.fixed_dictionaries(
    {
        "source": st.sampled_from(["core", " core", "核心"]),
        "number": st.sampled_from(["S-1", "S 1", "", 5]),
        "kind": st.sampled_from(["service", "gift", 5]),
        "store": st.just("CD01"),
        "customer": st.sampled_from(
            [{"number": "K-1"}, {"number": "K-1", "name": "王 "}, {"number": "K-1", "x": 1}, 5]
        ),
        "occurred_at": st.sampled_from(["2026-03-10T14:00:00+08:00", "2026-02-29T00:00:00Z", "2026-03-10", 5]),
        "lines": st.lists(LINES, max_size=2),
    },
    optional={
        "vehicle": st.sampled_from([None, {"vin": VIN}, {"vin": VIN, "plate": "川A12345"}, {}]),
        "odometer": st.sampled_from([None, 5, True, -1]),
        "points_paid": st.sampled_from([None, yuan(5), yuan(5, "USD")]),
        "delivered_at": st.sampled_from([None, "2026-03-10T14:00:00+08:00", "x"]),
        "more": st.just(1),
    },
)


@given(BODIES)
def test_the_quick_reader_takes_nothing_that_the_schema_would_not_read_the_same(sent):
    quick = quick_sale(sent)

    try:
        slow = SaleBody().load(sent)
    except ValidationError:
        slow = None
    assert quick is None or quick == slow


def test_the_quick_reader_takes_what_the_core_system_sends():
    sale = quick_sale(body(vehicle={"vin": VIN}, odometer=5, points_paid=yuan(100)))

    assert (sale.lines[0].quantity, sale.net_minor, sale.points_paid_minor) == (Decimal(2), 10_000, 100)
