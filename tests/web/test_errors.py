"""Every problem has one status and one body; people get a page, and nobody gets a stack trace."""

import logging

import pytest

TABLE = [
    ("refused", 409, "probe.not_enough_points"),
    ("not-found", 404, "not_found"),
    ("unavailable", 503, "unavailable"),
    ("forbidden", 403, "forbidden"),
    ("not-signed-in", 401, "not_signed_in"),
    ("malformed", 422, "malformed"),
    ("key-reused", 422, "key_reused"),
    ("key-in-flight", 409, "key_in_flight"),
    ("too-many", 429, "too_many"),
]


@pytest.mark.parametrize(("name", "status", "code"), TABLE)
def test_each_problem_has_its_status_and_the_one_body(visitor, name, status, code):
    answer = visitor.get(f"/api/v1/raise/{name}")

    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert set(answer.json) == {"code", "message", "details"}
    assert answer.json["message"]


@pytest.mark.parametrize("status", [400, 404, 405, 413, 415, 422, 429, 500, 503])
def test_what_the_server_itself_finds_wrong_has_the_same_body(visitor, status):
    answer = visitor.get(f"/api/v1/stop/{status}")

    assert answer.status_code == status
    assert set(answer.json) == {"code", "message", "details"}


def test_a_refusal_tells_its_numbers_in_words_and_as_details(visitor):
    answer = visitor.get("/api/v1/raise/refused")

    assert answer.json["message"] == "There are 8,420 points, and 9,000 were asked for."
    assert answer.json["details"] == {"available": 8420, "asked": 9000}


def test_money_and_moments_are_told_as_people_and_as_programs_read_them(visitor):
    answer = visitor.get("/api/v1/raise/amount")

    assert answer.json["message"] == "The amount is −¥1,234.50, at 2026-03-12 14:08."
    assert answer.json["details"] == {
        "amount": {"minor": -123450, "currency": "CNY"},
        "at": "2026-03-12T06:08:00+00:00",
    }


def test_malformed_input_names_each_place(visitor):
    answer = visitor.get("/api/v1/raise/malformed", headers={"Accept-Language": "en"})

    assert answer.json["details"] == {"errors": {"phone": ["Points start at 1."]}}


def test_what_a_schema_refuses_names_each_place_too(visitor):
    answer = visitor.get("/api/v1/invalid", headers={"Accept-Language": "en"})

    assert answer.status_code == 422
    assert answer.json["details"]["errors"] == {"points": ["Not a valid integer."], "colour": ["Unknown field."]}


def test_what_the_api_library_refuses_comes_out_in_the_same_body(visitor):
    answer = visitor.get("/api/v1/aborted", headers={"Accept-Language": "en"})

    assert (answer.status_code, answer.json["code"]) == (422, "malformed")
    assert answer.json["details"]["errors"] == {"lines[0].sku": ["Unknown field."]}


def test_a_body_that_is_no_json_is_a_bad_request(visitor):
    answer = visitor.post("/api/v1/json", data="{", content_type="application/json")

    assert (answer.status_code, answer.json["code"]) == (400, "bad_request")


def test_a_body_that_is_too_large_is_told(visitor):
    answer = visitor.post("/api/v1/json", data="[" + "1," * 2_000 + "1]", content_type="application/json")

    assert (answer.status_code, answer.json["code"]) == (413, "too_large")
    assert "1 MB" in answer.json["message"]


@pytest.mark.parametrize(("name", "seconds"), [("too-many", "30"), ("key-in-flight", "1"), ("unavailable", "2")])
def test_who_may_come_back_is_told_when(visitor, name, seconds):
    assert visitor.get(f"/api/v1/raise/{name}").headers["Retry-After"] == seconds


def test_a_program_without_a_token_is_told_how_to_sign_in(visitor):
    assert visitor.get("/api/v1/raise/not-signed-in").headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(("prefix", "door"), [("/staff", "/staff/login"), ("/my", "/my/login")])
def test_a_person_who_is_not_signed_in_is_led_to_the_door_and_back(visitor, prefix, door):
    answer = visitor.get(f"{prefix}/raise/not-signed-in?tab=2")

    assert answer.status_code == 303
    assert answer.location == f"{door}?next={prefix}/raise/not-signed-in%3Ftab%3D2"


@pytest.mark.parametrize("prefix", ["/staff", "/my", ""])
@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 413, 422, 429, 500, 503])
def test_people_get_a_page_in_their_part_of_the_site(staff, prefix, status):
    answer = staff.get(f"{prefix}/stop/{status}")

    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    assert "<h1" in answer.text
    assert 'class="skip"' in answer.text


def test_a_refusal_on_a_page_says_its_sentence(staff):
    assert "There are 8,420 points, and 9,000 were asked for." in staff.get("/staff/raise/refused").text


def test_the_layout_of_staff_is_not_shown_to_a_visitor(visitor):
    assert 'class="side"' not in visitor.get("/staff/stop/404").text


@pytest.mark.parametrize("path", ["/api/v1/raise/unexpected", "/staff/raise/unexpected", "/my/raise/unexpected"])
def test_what_nobody_foresaw_is_logged_with_a_reference_and_told_without_a_trace(staff, path, caplog):
    with caplog.at_level(logging.ERROR):
        answer = staff.get(path)

    assert answer.status_code == 500
    assert "the secret of the house" not in answer.text
    assert "Traceback" not in answer.text
    [record] = caplog.records
    assert record.args[0] in answer.text
    assert record.exc_info[0] is ZeroDivisionError


def test_a_statement_that_takes_too_long_is_told_as_unavailable(visitor, hasty_database):
    answer = visitor.get("/api/v1/sql/SELECT pg_sleep(2)")

    assert (answer.status_code, answer.json["code"]) == (503, "unavailable")
    assert "Retry-After" in answer.headers


def test_a_fault_of_our_own_statement_is_not_told_as_unavailable(visitor, hasty_database):
    answer = visitor.get("/api/v1/sql/SELECT nothing_of_that_name")

    assert (answer.status_code, answer.json["code"]) == (500, "unexpected")


def test_a_database_that_is_gone_is_told_on_a_page_that_needs_none(staff):
    answer = staff.get("/staff/sql/SELECT 1")

    assert answer.status_code == 503
    assert "服务暂时不可用" in answer.text
    assert 'class="side"' not in answer.text


def test_the_sentence_is_in_the_language_that_is_asked_for(visitor):
    chinese = visitor.get("/api/v1/raise/not-found", headers={"Accept-Language": "zh-CN"})
    english = visitor.get("/api/v1/raise/not-found", headers={"Accept-Language": "en-GB"})

    assert chinese.json["message"].startswith("没有找到")
    assert english.json["message"] == "Nothing was found here."
