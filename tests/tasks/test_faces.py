"""The day's page, the calendar and the API of tasks."""

import re
from collections import Counter
from datetime import UTC, date, datetime

import pytest

from loyalty.appointments.rules import Draft
from loyalty.appointments.service import make
from loyalty.customers.rules import ConsentGiven, CustomerDraft
from loyalty.customers.service import create_customer, record_consents
from loyalty.kernel.actor import EVERYTHING, SYSTEM
from loyalty.staff.queries import AuditFilter, audit_rows
from loyalty.staff.rules import StoreDetails
from loyalty.staff.service import update_store
from loyalty.tasks import queries, service
from loyalty.tasks.rules import Attempt
from tests.tasks.conftest import TODAY, one

TODAY_PAGE = "/staff/today"
API = "/api/v1/tasks"


@pytest.fixture
def desk(client, acting, agent):
    acting(agent)
    return client


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize(
    "asked", ["", "?view=overdue", "?whose=all&sort=priority", "?whose=nobody", "?kind=trial&store=CD01", "?print=1"]
)
def test_the_day_opens_in_both_languages(desk, make_task, asked, language):
    make_task()
    make_task("late", day=date(2026, 3, 10))

    answer = desk.get(f"{TODAY_PAGE}{asked}", headers={"Accept-Language": language})

    assert answer.status_code == 200


def test_the_row_and_the_pane_say_who_what_and_how_late(desk, make_task, customer):
    number = make_task(of=customer("王建国"), day=date(2026, 3, 10))

    page = desk.get(TODAY_PAGE).text

    for told in (
        "王建国",
        "尾号 5678",
        "维修后 3 天回访",
        "逾期 2 天",
        "138****5678",
        "接通，满意",
        "Hello 王建国, Agent here.",
    ):
        assert told in page
    assert f'href="{TODAY_PAGE}?task={number}"' in page
    assert '<span class="n">1</span>' in page  # in the menu


def test_empty_pages_say_why(desk, make_task, agent, clock):
    assert "还没有任务" in desk.get(TODAY_PAGE).text

    number = make_task()
    assert "没有符合的任务" in desk.get(f"{TODAY_PAGE}?view=overdue").text
    service.skip(number, "x", scope=EVERYTHING, now=clock.now, by=agent)
    assert "今日待办已全部完成" in desk.get(TODAY_PAGE).text


def test_a_digit_and_saving_lead_to_the_next_task_and_back(desk, make_task):
    first, second = make_task("a", day=date(2026, 3, 11)), make_task("b")

    answer = desk.post(f"/staff/tasks/{first}/record", data={"outcome": "satisfied", "note": "好", "seen": "0"})

    assert (answer.status_code, answer.headers["Location"]) == (303, f"{TODAY_PAGE}?task={second}")
    told = desk.get(answer.headers["Location"]).text
    assert "接通，满意" in told
    assert f'action="/staff/tasks/{first}/undo"' in told
    assert desk.post(f"/staff/tasks/{first}/undo").status_code == 303
    assert one(first).state == "open"


def test_saving_alone_stays_with_the_task(desk, make_task):
    number = make_task()

    answer = desk.post(f"/staff/tasks/{number}/record", data={"outcome": "satisfied", "stay": "1"})

    assert answer.headers["Location"] == f"{TODAY_PAGE}?task={number}"
    assert "撤销" in desk.get(answer.headers["Location"]).text


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({}, "请选择一个结果"),
        ({"outcome": "satisfied", "note": "字" * 2001}, "2,000"),
        ({"outcome": "satisfied", "next": "date"}, "请选择下次跟进的日期"),
        ({"outcome": "satisfied", "next": "date", "next_day": "2026-03-11"}, "今天或以后"),
        ({"outcome": "call_back"}, "请选择改约的日期"),
        ({"outcome": "settled"}, "请选择一个结果"),
        ({"outcome": "satisfied", "next_time": "25:00"}, "14:30"),
    ],
)
def test_what_cannot_be_read_is_told_and_kept(desk, make_task, sent, told):
    number = make_task()

    answer = desk.post(f"/staff/tasks/{number}/record", data={"note": "车况良好"} | sent)

    assert answer.status_code == 422
    assert told in answer.text
    assert one(number).state == "open"
    if "note" not in sent:
        assert "车况良好" in answer.text


def test_a_next_date_is_told_and_follows(desk, make_task):
    number = make_task()
    sent = {"outcome": "satisfied", "next": "date", "next_day": "2026-06-10", "next_time": "14:30"}

    answer = desk.post(f"/staff/tasks/{number}/record", data=sent)

    assert "下次跟进 6 月 10 日" in desk.get(answer.headers["Location"]).text
    after = queries.follower(one(number).customer_id, number)
    assert (after.due_from, after.timed, f"{after.due_at:%H:%M}") == (date(2026, 6, 10), True, "06:30")


def test_who_comes_second_reads_who_was_first(desk, make_task, hire, clock):
    number = make_task()
    service.record(number, Attempt("satisfied"), scope=EVERYTHING, now=clock.now, by=hire("second"))

    answer = desk.post(f"/staff/tasks/{number}/record", data={"outcome": "unhappy"})

    assert answer.status_code == 409
    assert "Second 已在 14:08 记录这条任务" in answer.text


def test_calling_shows_the_phone_takes_the_task_and_is_logged(desk, make_task, customer):
    number = make_task(of=customer())

    answer = desk.post(f"/staff/tasks/{number}/call")

    assert "tel:13812345678" in answer.text
    assert one(number).state == "in_progress"
    assert "identifier.revealed" in {row.action for row in audit_rows(AuditFilter(), EVERYTHING)}


def test_somebody_elses_call_is_seen_and_refused(desk, make_task, hire, clock):
    number = make_task()
    service.take(number, scope=EVERYTHING, now=clock.now, by=hire("second"))

    assert "Second 正在处理，至 14:38" in desk.get(f"{TODAY_PAGE}?task={number}").text
    assert desk.post(f"/staff/tasks/{number}/call").status_code == 409


@pytest.mark.parametrize(("hour", "told"), [(11, None), (12, "2026-03-12 14:00"), (14, None), (20, "2026-03-13 09:00")])
def test_quiet_hours_are_warned_of_to_the_hour(desk, make_task, customer, clock, hour, told):
    make_task(of=customer())
    clock.set(clock.now.replace(hour=hour - 8, minute=0))

    page = desk.get(TODAY_PAGE).text

    assert ("现在是静默时段" in page) == (told is not None)
    assert told is None or told in page


def test_an_owner_who_wants_no_calls_and_one_without_a_phone_are_warned_of(desk, make_task, customer, clock):
    owner = customer()
    make_task(of=owner)
    refused = [ConsentGiven("service", "phone", granted=False, at=clock.now, text_version="1", by="x")]
    record_consents(owner, refused, scope=EVERYTHING, now=clock.now, by=SYSTEM)
    phoneless = create_customer(
        CustomerDraft("赵六", home_store_id=one(make_task("k2", of=owner)).store_id),
        scope=EVERYTHING,
        now=clock.now,
        by=SYSTEM,
    )
    other = make_task("k3", of=phoneless.customer_id)

    assert "不希望接到电话" in desk.get(TODAY_PAGE).text
    assert "还没有手机号" in desk.get(f"{TODAY_PAGE}?task={other}").text


def test_many_are_moved_and_the_rest_is_listed(desk, make_task, agent, clock):
    fine, gone = make_task("a"), make_task("b")
    service.skip(gone, "x", scope=EVERYTHING, now=clock.now, by=agent)

    answer = desk.post("/staff/tasks/bulk", data={"act": "move", "task": [fine, gone], "day": "2026-03-20"})

    assert answer.status_code == 200
    assert "1 条没有处理" in answer.text
    assert one(fine).due_to == date(2026, 3, 20)


@pytest.mark.parametrize(
    ("act", "sent"), [("move", {}), ("skip", {}), ("move", {"day": "2026-03-11"}), ("reassign", {"task": []})]
)
def test_many_at_once_without_what_is_needed_change_nothing(desk, make_task, act, sent):
    number = make_task()

    answer = desk.post("/staff/tasks/bulk", data={"act": act, "task": [number]} | sent)

    assert answer.status_code in {200, 422}
    assert one(number).due_to == TODAY
    assert one(number).state == "open"


def test_all_of_a_filter_go_to_a_colleague(desk, make_task, hire):
    numbers = [make_task(f"k{at}") for at in range(3)]
    colleague = hire("colleague")

    answer = desk.post("/staff/tasks/bulk", data={"act": "reassign", "every": "1", "to": colleague.id})

    assert answer.status_code == 303
    assert {one(number).owner_id for number in numbers} == {colleague.id}


def test_a_follow_up_is_arranged_once_and_stands_on_the_customers_page(desk, customer, trial):
    at = customer()
    form = desk.get(f"/staff/tasks/new?customer=C-{at:07}").text
    key = re.search(r'name="key" value="([^"]+)"', form).group(1)
    sent = {"customer": f"C-{at:07}", "note": "周六复检", "day": "2026-03-14", "time": "10:00", "key": key}

    answers = [desk.post("/staff/tasks/new", data=sent) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert desk.get(f"/staff/customers/{at}").text.count("周六复检") == 1
    wrong = desk.post("/staff/tasks/new", data=sent | {"customer": "nobody"})
    assert wrong.status_code == 422


@pytest.mark.parametrize("asked", ["", "?as=week", "?as=week&whose=all&store=CD01", "?day=2027-02-10", "?day=x"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_calendar_opens(desk, make_task, asked, language):
    make_task()

    assert desk.get(f"/staff/calendar{asked}", headers={"Accept-Language": language}).status_code == 200


def test_the_calendar_names_days_of_rest_and_a_year_that_is_not_published(desk, make_task, customer):
    make_task(of=customer("王建国"))

    page = desk.get("/staff/calendar?as=week").text
    assert "王建国" in page
    assert "周末" in page
    may = desk.get("/staff/calendar?day=2026-05-01").text
    assert "劳动节" in may
    assert "调休上班" in may  # Saturday 9 May
    assert "2031 年的节假日安排尚未公布" in desk.get("/staff/calendar?day=2031-05-01").text


def test_the_calendar_shows_appointments_and_tasks_by_kind_and_advisor(desk, make_task, customer, hire, clock, store):
    mine, other = hire("advisor", "service_advisor"), customer("李敏", phone="13912345678")
    who = customer("王建国", advisor_id=mine.id)
    make_task(of=who, day=date(2026, 3, 13))
    nine = datetime(2026, 3, 13, 1, tzinfo=UTC)
    for owner in (who, other):
        make(Draft(owner, store, nine, "tyres", "k"), now=clock.now, by=SYSTEM)

    def entries(asked):
        page = desk.get(f"/staff/calendar?as=week&{asked}").text
        return Counter(re.findall(r'<a class="u" href="/staff/(tasks|appointments)/[0-9]+">', page))

    assert entries("whose=all&kind=appointments") == {"appointments": 2}
    assert entries("whose=all&kind=tasks") == {"tasks": 1}
    assert entries("whose=all") == {"appointments": 2, "tasks": 1}
    assert entries(f"whose={mine.id}") == {"appointments": 1, "tasks": 1}


def test_a_closing_day_of_the_store_stands_in_its_calendar_and_moves_calls(desk, store, clock, make_task):
    hours = {"thu": "09:00-17:00", "sun": "09:00-12:00"}
    details = StoreDetails(holidays="2026-03-13 2026-03-13 盘点", opening_hours=hours)
    update_store(store, name="城东店", details=details, now=clock.now, by=SYSTEM)

    assert "盘点" in desk.get("/staff/calendar").text
    assert queries.next_workday(store, TODAY) == date(2026, 3, 19)  # not the next day, and never on a closed weekday


def test_tasks_are_moved_from_the_week(desk, make_task):
    number = make_task()

    answer = desk.post(
        "/staff/tasks/bulk?back=calendar&as=week", data={"act": "move", "task": number, "day": "2026-03-13"}
    )

    assert (answer.status_code, answer.location) == (303, "/staff/calendar?as=week")
    assert one(number).due_to == date(2026, 3, 13)


def test_the_calendar_file_names_the_own_tasks_and_no_phone(desk, make_task, customer):
    make_task(of=customer("王建国，先生"))

    answer = desk.get("/staff/calendar.ics")

    assert answer.headers["Content-Type"].startswith("text/calendar")
    assert "BEGIN:VEVENT\r\n" in answer.text
    assert "王建国" in answer.text
    assert "13812345678" not in answer.text
    assert all(len(line.encode()) <= 75 for line in answer.text.split("\r\n"))


def test_the_queue_as_excel_is_logged(desk, make_task):
    make_task()

    answer = desk.get(f"{TODAY_PAGE}/export.xlsx")

    assert answer.status_code == 200
    assert "list.exported" in {row.action for row in audit_rows(AuditFilter(), EVERYTHING)}


def test_programs_read_record_and_undo(desk, make_task):
    number = make_task(day=date(2026, 3, 10))

    (listed,) = desk.get(f"{API}?view=overdue").json["items"]
    recorded = desk.post(f"{API}/{number}/attempts", json={"outcome": "satisfied", "seen": listed["seq"]})
    again = desk.post(f"{API}/{number}/attempts", json={"outcome": "satisfied"})

    assert (listed["id"], listed["state"], listed["due_to"]) == (number, "ready", "2026-03-10")
    assert (recorded.status_code, recorded.json["task"]["state"]) == (201, "done")
    assert (again.status_code, again.json["code"]) == (409, "tasks.concluded")
    assert desk.post(f"{API}/{number}:undo").json["task"]["state"] == "ready"
    assert len(desk.get(f"{API}/{number}").json["attempts"]) == 1
    assert desk.post(f"{API}/{number}:skip", json={"reason": "x"}).json["task"]["state"] == "skipped"


def test_programs_give_tasks_to_people(desk, make_task, hire):
    number, colleague = make_task(), hire("colleague")

    answer = desk.post(f"{API}:reassign", json={"tasks": [number], "to": "colleague"})

    assert (answer.json, one(number).owner_id) == ({"changed": 1, "left": []}, colleague.id)


def test_the_list_goes_on_by_cursor(desk, make_task):
    numbers = [make_task(f"k{at}") for at in range(3)]

    first = desk.get(f"{API}?limit=2").json
    second = desk.get(f"{API}?limit=2&cursor={first['next_cursor']}").json

    assert [one["id"] for page in (first, second) for one in page["items"]] == numbers
    assert desk.get(f"{API}?cursor=x").status_code == 422
