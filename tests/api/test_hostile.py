"""What no client should send: each is refused by its place, and nothing is half done."""

import pytest
from sqlalchemy import text

from loyalty.sales.rules import KINDS
from tests.api.conftest import sale

REFUND = {"number": "R-1", "occurred_at": "2026-03-11T10:00:00Z"}
NUL, HALF = "a\u0000b", "a\ud800b"


def counts(session):
    """How many rows there are of what calls write."""
    tables = ("sales", "refunds", "ledger_transactions", "customers", "idempotency_keys", "audit_rows")
    return {table: session.execute(text(f"SELECT count(*) FROM {table}")).scalar() for table in tables}  # noqa: S608


@pytest.mark.parametrize("odd", [NUL, HALF])
@pytest.mark.parametrize(
    ("method", "path", "body", "place"),
    [
        ("POST", "/sales", sale("S-2", customer={"number": "K-2", "name": "%"}), "customer.name"),
        ("POST", "/sales/core/S-1/refunds", REFUND | {"reason": "%"}, "reason"),
        ("POST", "/sales:batch", {"sales": [sale("S-1"), sale("S-2", store="%")]}, "sales[1].store"),
        ("POST", "/customers", {"name": "%", "store": "CD01"}, "name"),
        ("POST", "/programme/versions", {"kind": "earning", "effective_from": "2027-01-01", "body": {"%": 1}}, "body"),
    ],
)
def test_texts_that_cannot_be_stored_are_refused_by_their_place(program, db_session, method, path, body, place, odd):
    before = counts(db_session)

    answer = program.call(method, path, planted(body, odd), key="k-1")

    assert answer.status_code == 422
    assert answer.json["details"]["errors"] == {place: ["This has characters that cannot be printed."]}
    assert counts(db_session) == before


def planted(body, odd):
    if isinstance(body, dict):
        return {name.replace("%", odd): planted(one, odd) for name, one in body.items()}
    if isinstance(body, list):
        return [planted(one, odd) for one in body]
    return odd if body == "%" else body


def test_a_redemption_with_such_a_reason_moves_nothing(program, member):
    answer = program.call("POST", f"/members/{member}/redemptions", {"points": 10, "reason": NUL})

    assert answer.status_code == 422
    assert program.call("GET", f"/members/{member}/points").json["balance"]["available"] == 100


def test_pairs_that_make_a_character_are_taken(program):
    assert program.call("POST", "/sales", sale("S-😀")).status_code == 201


@pytest.mark.parametrize(
    ("path", "status"),
    [("/sales/core/a%00b", 404), ("/sales?customer=a%00b", 422), ("/customers?q=%00", 422), ("/members/%00", 404)],
)
def test_addresses_with_nul_lead_nowhere(program, path, status):
    assert program.call("GET", path).status_code == status


def test_a_form_with_nul_is_refused(client):
    answer = client.post("/my/login", data={"phone": "138\u00000000"})

    assert answer.status_code in {400, 422}


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_a_key_of_no_or_too_many_characters_is_refused_everywhere(program, member, key):
    headers = program.headers | {"Idempotency-Key": key}

    for path, body in (("/sales", sale("S-2")), (f"/members/{member}/redemptions", {"points": 10})):
        answer = program.client.post("/api/v1" + path, json=body, headers=headers)
        assert answer.status_code == 422
        assert "Idempotency-Key" in answer.json["details"]["errors"]


def test_a_key_of_the_longest_kind_is_kept(program, member):
    first = program.call("POST", f"/members/{member}/redemptions", {"points": 10}, key="k" * 200)
    again = program.call("POST", f"/members/{member}/redemptions", {"points": 10}, key="k" * 200)

    assert (first.status_code, again.json) == (200, first.json)


@pytest.mark.parametrize(
    ("body", "place", "english", "chinese"),
    [
        (sale(store=""), "store", "Length must be between 1 and 64.", "长度应为 1 至 64。"),
        (sale(lines=[]), "lines", "Length must be between 1 and 500.", "长度应为 1 至 500。"),
        (
            sale(kind="gift"),
            "kind",
            "Must be one of: {kinds}.",
            "请从这些里选一个：{kinds}。",
        ),
    ],
)
def test_what_does_not_fit_is_told_with_its_bounds_in_both_languages(program, body, place, english, chinese):
    told = [program.call("POST", "/sales", body, language=language).json for language in ("en", "zh")]

    assert [one["details"]["errors"][place] for one in told] == [
        [sentence.format(kinds=", ".join(KINDS))] for sentence in (english, chinese)
    ]


@pytest.mark.parametrize(
    ("method", "path", "known"),
    [
        ("GET", "/sales?colour=red", "cursor, customer, kind, limit"),
        ("GET", "/customers?q=a&colour=red", "cursor, limit, q"),
        ("GET", "/stores?colour=red", "-"),
        ("POST", "/sales?colour=red", "-"),
    ],
)
def test_a_parameter_that_is_not_known_is_refused_by_its_name(program, method, path, known):
    answer = program.call(method, path, sale("S-9") if method == "POST" else None)

    assert answer.status_code == 422
    assert list(answer.json["details"]["errors"]) == ["colour"]
    assert known in answer.json["details"]["errors"]["colour"][0]
    assert program.call("GET", "/sales/core/S-9").status_code == 404


def test_parameters_of_every_kind_that_are_known_are_taken(program, member):
    known = ("/sales?limit=1&customer=K-1", f"/members/{member}/points?as_of=2026-03-10T00:00:00Z", "/customers?q=a")

    assert [program.call("GET", path).status_code for path in known] == [200, 200, 200]


def test_who_is_not_known_is_told_that_before_anything_about_parameters(client):
    assert client.get("/api/v1/stores?colour=red").status_code == 401


@pytest.mark.parametrize(("language", "told"), [("en", "Send a token"), ("zh", "令牌")])
def test_without_a_token_the_way_out_is_named(client, language, told):
    answer = client.get("/api/v1/stores", headers={"Accept-Language": language})

    assert (answer.status_code, answer.json["code"]) == (401, "not_signed_in")
    assert told in answer.json["message"]
