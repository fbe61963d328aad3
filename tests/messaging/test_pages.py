"""The pages and operations of messages: what staff see and do, what programs send, and what owners read."""

import pytest

from loyalty.customers.rules import customer_number
from loyalty.kernel.actor import SYSTEM, Actor
from loyalty.messaging import queries
from loyalty.messaging.service import Incoming, drain, receive_reply
from tests.messaging.conftest import READY, row, rows

pytestmark = pytest.mark.usefixtures("always_open")


def written(**more):
    texts = {f"text-sms-{language}": "{name}, hello" for language in ("zh_Hans_CN", "en")}
    return {"name": "hello", "title": "问候", "purpose": "service", "variables": "name", **texts, **more}


@pytest.fixture
def unclear(person, planned, carrier):
    """The id of a message whose answer was lost."""
    carrier.usual = "lost"
    message = planned(person())
    drain("sms")
    return message


def test_the_list_tells_state_reason_and_channels(desk, person, planned, carrier):
    planned(person(agrees=()), "offer")
    drain("sms")

    page = desk.get("/staff/messages", headers={"Accept-Language": "en"})

    assert page.status_code == 200
    assert "The customer never agreed to offers by this channel." in page.text
    assert "/staff/messages?state=denied" in page.text
    assert "没有符合条件的消息" in desk.get("/staff/messages?state=sent").text


def test_a_message_tells_what_it_says_and_what_happened(desk, person, planned, carrier):
    message = planned(person())
    drain("sms")

    page = desk.get(f"/staff/messages/{message}", headers={"Accept-Language": "en"})

    assert "王建国，您的车已修好。" in page.text
    assert "Handed over for 138****0001 · Taken over by the provider" in page.text
    assert "+8613812340001" not in page.text


def test_what_is_unclear_is_settled_on_its_page_and_then_sent_again(desk, unclear, carrier):
    assert "1 条消息待核实" in desk.get("/staff/messages").text
    empty = desk.post(f"/staff/messages/{unclear}/settle", data={"outcome": "not_sent"})
    too_early = desk.post(f"/staff/messages/{unclear}/resend")

    done = desk.post(f"/staff/messages/{unclear}/settle", data={"outcome": "not_sent", "evidence": "服务商清单无记录"})
    again = desk.post(f"/staff/messages/{unclear}/resend")

    assert [answer.status_code for answer in (empty, too_early, done, again)] == [409, 409, 303, 303]
    new = int(again.location.rsplit("/", 1)[1])
    assert (row(new)["resends_id"], row(new)["state"], row(unclear)["state"]) == (unclear, "due", "failed")
    assert "服务商清单无记录" in desk.get(f"/staff/messages/{unclear}").text


def test_the_list_is_exported_without_what_messages_say(desk, person, planned):
    planned(person())

    answer = desk.get("/staff/messages/export.xlsx?state=due")

    assert answer.mimetype.endswith("spreadsheetml.sheet")
    assert rows("SELECT count(*) FROM audit_rows WHERE action = 'list.exported'") == [(1,)]


def test_a_reply_waits_until_somebody_has_read_it(desk, person, clock):
    person()
    reply = receive_reply(Incoming("sms", "in-1", "13812340001", "几点开门？", clock.now), now=clock.now, by=SYSTEM)

    before = desk.get("/staff/messages/replies").text
    done = desk.post(f"/staff/messages/replies/{reply.reply_id}", data={"note": "已回电"})

    assert "几点开门？" in before
    assert done.status_code == 303
    assert "几点开门？" not in desk.get("/staff/messages/replies").text
    assert "已回电" in desk.get("/staff/messages/replies?show=all").text


def test_a_channel_is_paused_on_its_page(desk):
    wrong = desk.post("/staff/messages/channels/sms", data={"per_minute": "0"})
    done = desk.post("/staff/messages/channels/sms", data={"per_minute": "60", "paused": "1"})

    assert (wrong.status_code, done.status_code) == (422, 303)
    assert rows("SELECT per_minute, paused_by FROM message_channels") == [(60, "李经理")]
    assert desk.get("/staff/messages/channels/fax").status_code == 404


def test_a_template_is_written_shown_and_written_anew(desk):
    made = desk.post("/staff/templates/new", data=written())
    first = desk.post("/staff/templates/drafts/hello/activate", data={"edition": "1"})
    shown = desk.get("/staff/templates/hello?value-name=Ann").text
    again = desk.post("/staff/templates/hello/edit", data=written(after="1", title="问候二"))
    listed = desk.get("/staff/templates").text
    second = desk.post("/staff/templates/drafts/hello/activate", data={"edition": "1"})

    assert [answer.status_code for answer in (made, first, again, second)] == [303] * 4
    assert "Ann, hello" in shown
    assert "/staff/templates/drafts/hello" in listed
    view = queries.template("hello")
    assert (view.number, view.title) == (2, "问候二")
    assert [one.number for one in queries.template_versions(view.id)] == [2, 1]


@pytest.mark.parametrize(
    ("change", "field", "told"),
    [
        ({"text-sms-en": ""}, "text-sms-en", "Write a text of at most"),
        ({"text-sms-en": "{nobody}"}, "text-sms-en", "nobody is not among the variables."),
        ({"text-sms-en": "{name"}, "text-sms-en", "A brace stands alone."),
        ({"variables": "name, day"}, "variables", "No text uses day."),
        ({"variables": "Name"}, "variables", "Name is no name"),
        ({"name": "No Name"}, "name", "small letters, digits"),
    ],
)
def test_a_template_that_cannot_be_rendered_is_refused_at_its_field(desk, change, field, told):
    answer = desk.post("/staff/templates/new", data=written(**change), headers={"Accept-Language": "en"})

    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    assert told in answer.text
    assert rows("SELECT count(*) FROM message_templates") == [(0,)]


def test_a_template_that_is_retired_plans_nothing_more(desk, templates):
    desk.post("/staff/templates/ready/retire", data={"retired": "1"})

    assert queries.template("ready").retired


def test_owners_read_their_messages_and_nobody_elses(client, acting, person, planned, carrier):
    mine, other = person(), person(name="李梅")
    planned(mine, "ready", "inbox", due=None)
    planned(other, "ready", "sms")
    for channel in ("inbox", "sms"):
        drain(channel)
    acting(Actor("owner", mine, "owner", customer_id=mine))

    page = client.get("/my/inbox")
    read = client.post("/my/inbox/read")
    after = client.get("/my/inbox")

    assert page.text.count("您的车已修好") == 1
    assert (read.status_code, "未读" in page.text, "全部标为已读" in after.text) == (303, True, False)
    assert "/my/inbox" in client.get("/my/profile").text


def test_a_program_plans_a_message_once_and_reads_it(desk, person, templates):
    body = {"key": "wash-1", "customer": customer_number(person()), "template": "ready", "variables": {"name": "王"}}

    first, again = (desk.post("/api/v1/messages", json=body) for _ in range(2))

    assert (first.status_code, first.json["repeated"], again.json["repeated"]) == (201, False, True)
    message = first.json["message"]
    assert message == again.json["message"]
    assert (message["state"], message["channel"]) == ("due", "wechat")
    assert desk.get(f"/api/v1/messages/{message['id']}").json == message
    assert desk.get("/api/v1/messages?state=due").json["items"] == [message]
    assert desk.get(f"/api/v1/messages?customer={body['customer']}&state=sent").json["items"] == []


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"template": "nothing"}, 409, "messaging.unknown_template"),
        ({"variables": {}}, 409, "messaging.variable_missing"),
        ({"customer": "C-9999999"}, 404, "customers.not_found"),
        ({"channel": "fax"}, 422, "malformed"),
        ({"surprise": 1}, 422, "malformed"),
    ],
)
def test_what_a_program_cannot_plan(desk, person, templates, change, status, code):
    body = {"key": "k", "customer": customer_number(person()), "template": "ready", "variables": {"name": "王"}}

    answer = desk.post("/api/v1/messages", json=body | change)

    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert rows("SELECT count(*) FROM messages") == [(0,)]


def test_a_program_settles_and_sends_again_once_for_a_key(desk, unclear):
    head = {"Idempotency-Key": "again"}
    settled = desk.post(f"/api/v1/messages/{unclear}:settle", json={"sent": False, "evidence": "not on the list"})
    answers = [desk.post(f"/api/v1/messages/{unclear}:resend", headers=head) for _ in range(2)]

    assert settled.json["state"] == "failed"
    assert answers[0].json == answers[1].json
    assert answers[0].json["resends"] == unclear


def test_receipts_and_replies_come_in_by_the_api(desk, person, planned, carrier):
    message = planned(person())
    drain("sms")
    at = "2026-03-12T10:00:00+08:00"
    receipt = {"channel": "sms", "reference": f"ref-m{message}", "kind": "delivered", "at": at}
    reply = {"channel": "sms", "id": "in-1", "address": "13812340001", "text": "TD", "received_at": at}

    moved = desk.post("/api/v1/messages/receipts", json={"receipts": [receipt]})
    answers = [desk.post("/api/v1/messages/replies", json=reply).json for _ in range(2)]

    assert (moved.json, row(message)["state"]) == ({"moved": 1}, "delivered")
    assert [(one["opted_out"], one["customers"], one["repeated"]) for one in answers] == [
        (True, 1, False),
        (True, 1, True),
    ]
    assert desk.post("/api/v1/messages/replies", json=reply | {"address": "nobody", "id": "2"}).status_code == 422


def test_templates_are_written_by_the_api_too(desk):
    made = desk.post(
        "/api/v1/message-templates", json={"name": "car", "title": "Car", "purpose": "service", "body": READY}
    )
    bad = desk.put("/api/v1/message-templates/car", json={"title": "Car", "body": {"texts": {}}, "after": 1})

    assert (made.status_code, made.json["version"]) == (201, 1)
    assert (bad.status_code, list(bad.json["details"]["errors"])) == (422, ["texts"])
    assert [one["name"] for one in desk.get("/api/v1/message-templates").json["items"]] == ["car"]


def test_a_customers_page_shows_the_last_messages_and_sends_one_again(desk, person, planned, carrier):
    who, other = person(), person(name="李梅")
    carrier.usual = "refused"
    failed = planned(who, "ready", "sms")
    drain("sms")
    page = desk.get(f"/staff/customers/{who}").text

    assert f"/staff/messages/{failed}" in page
    assert f"/staff/messages?customer={who}" in page
    again = desk.post(f"/staff/messages/{failed}/resend")
    after = desk.get(f"/staff/customers/{who}").text

    assert again.status_code == 303
    assert (f"/staff/messages/{failed}/resend" in page, f"/staff/messages/{failed}/resend" in after) == (True, False)
    assert f"/staff/messages/{failed}" in desk.get(f"/staff/messages?customer={who}").text
    assert f"/staff/messages/{failed}" not in desk.get(f"/staff/messages?customer={other}").text
