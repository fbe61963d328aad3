"""The staff pages of customers and vehicles."""

import re
from datetime import date

import pytest
from sqlalchemy import select

from loyalty.customers import queries
from loyalty.customers.rules import VehicleDraft
from loyalty.customers.service import add_vehicle
from loyalty.customers.words import effect_texts
from loyalty.kernel.actor import SYSTEM, Actor
from loyalty.kernel.db import db
from loyalty.kernel.effects import Effect
from loyalty.staff.models import AuditRow

VIN = "LSVAA4182E2123456"
NEW = {"name": "韩梅梅", "kind": "person", "phone": "138 1234 5678", "language": "zh_Hans_CN"}


@pytest.fixture
def make_vehicle(clock, everything):
    def make(customer_id, vin=VIN, plate="粤A0X12D"):
        draft = VehicleDraft(vin, plate, "轿车 1.6L 2025 款")
        return add_vehicle(customer_id, draft, day=date(2026, 3, 1), scope=everything, now=clock.now, by=SYSTEM)

    return make


def test_a_single_hit_opens_the_customer_at_once(desk, make_customer):
    at = make_customer(phone="13812345678")
    make_customer("李雷", "13800000001")

    answer = desk.get("/staff/search?q=5678")

    assert (answer.status_code, answer.location) == (302, f"/staff/customers/{at}")


def test_several_hits_are_listed_with_masked_phones(desk, make_customer):
    make_customer(phone="13812345678")
    make_customer("王小明", "13900005678")

    page = desk.get("/staff/search?q=王").text

    assert "王建国" in page
    assert "王小明" in page
    assert "138****5678" in page
    assert "13812345678" not in page


def test_the_whole_customer_is_shown_and_the_phone_only_when_asked(desk, make_customer, make_vehicle):
    at = make_customer(phone="13812345678")
    make_vehicle(at)

    page = desk.get(f"/staff/customers/{at}").text
    [phone] = queries.identifier_rows([at])[at]
    shown = desk.post(f"/staff/customers/{at}/identifiers/{phone[0]}/reveal").text

    assert "粤A·0X12D" in page
    assert "138****5678" in page
    assert "138 1234 5678" not in page
    assert "138 1234 5678" in shown
    row = db.session.scalars(select(AuditRow).where(AuditRow.action == "identifier.revealed")).one()
    assert (row.about_customer_id, row.actor_name, row.after["value"]) == (at, "林悦", "138****5678")


def test_showing_a_phone_needs_its_permission(client, acting, store, make_customer):
    acting(Actor("staff", 1, "林悦", {"customers.read": frozenset({store})}))
    at = make_customer(phone="13812345678")
    [phone] = queries.identifier_rows([at])[at]

    answer = client.post(f"/staff/customers/{at}/identifiers/{phone[0]}/reveal")

    assert answer.status_code == 403
    assert "138 1234 5678" not in answer.text


def test_a_customer_of_another_store_is_as_good_as_none(desk, make_customer, far_store):
    at = make_customer("周迅", "13800000009", home=far_store)

    pages = [
        desk.get(f"/staff/customers/{at}"),
        desk.get("/staff/customers/999999"),
        desk.get(f"/staff/customers/{at}/edit"),
    ]

    assert [page.status_code for page in pages] == [404, 404, 404]
    assert f"/staff/customers/{at}" not in desk.get("/staff/search?q=周迅").text
    assert "周迅" not in desk.get("/staff/customers").text


def test_a_new_customer_is_saved_and_opened(desk, store):
    answer = desk.post("/staff/customers/new", data={**NEW, "home_store_id": store})
    page = desk.get(answer.location).text

    assert answer.status_code == 303
    assert "韩梅梅" in page
    assert queries.customer_ids_by_phone("+8613812345678") == [int(answer.location.rsplit("/", 1)[1])]


def test_a_mistake_keeps_what_was_typed_and_stands_at_its_field(desk, store):
    answer = desk.post("/staff/customers/new", data={**NEW, "phone": "138123", "home_store_id": store})

    assert answer.status_code == 422
    assert 'value="138123"' in answer.text
    assert 'id="f-phone-error"' in answer.text


def test_somebody_with_the_same_phone_is_shown_before_a_second_one_is_added(desk, store, make_customer):
    make_customer("韩梅梅", "13812345678")

    asked = desk.post("/staff/customers/new", data={**NEW, "home_store_id": store})
    sure = desk.post("/staff/customers/new", data={**NEW, "home_store_id": store, "sure": "1"})

    assert asked.status_code == 409
    assert sure.status_code == 303
    assert len(queries.customer_ids_by_phone("+8613812345678")) == 2


def test_data_is_changed_and_the_new_name_is_found(desk, make_customer, here):
    at = make_customer("王建国")
    form = {
        "name": "王建军",
        "kind": "person",
        "state": "active",
        "home_store_id": desk_store(at),
        "birthday": "1980-02-29",
    }

    answer = desk.post(f"/staff/customers/{at}/edit", data=form)

    assert answer.status_code == 303
    assert [hit.customer.id for hit in queries.find("建军", here).customers] == [at]
    assert queries.find("建国", here).customers == []
    assert queries.card(at, here).birthday == date(1980, 2, 29)


def desk_store(customer_id):
    return queries.customers_by_ids([customer_id])[customer_id].home_store_id


def test_phones_are_added_and_removed(desk, make_customer):
    at = make_customer(phone="13812345678")

    added = desk.post(f"/staff/customers/{at}/identifiers", data={"kind": "phone", "value": "13900000000"})
    again = desk.post(f"/staff/customers/{at}/identifiers", data={"kind": "phone", "value": "139 0000 0000"})
    wrong = desk.post(f"/staff/customers/{at}/identifiers", data={"kind": "email", "value": "nobody"})
    [first, _second] = queries.identifier_rows([at])[at]
    removed = desk.post(f"/staff/customers/{at}/identifiers/{first[0]}/remove")

    assert [one.status_code for one in (added, again, wrong, removed)] == [303, 409, 422, 303]
    assert [value for _, _, value in queries.identifier_rows([at])[at]] == ["+8613900000000"]


def test_consents_are_kept_as_events_and_shown_by_their_last(desk, make_customer):
    at = make_customer()

    desk.post(
        f"/staff/customers/{at}/consents", data={"marketing-sms": "yes", "marketing-phone": "no", "proof": "到店"}
    )
    desk.post(f"/staff/customers/{at}/consents", data={"marketing-sms": "no"})

    state = {pair: event.granted for pair, event in queries.consents(at).items()}
    assert state == {("marketing", "sms"): False, ("marketing", "phone"): False}
    assert len(queries.consent_events(at)) == 3
    assert desk.get(f"/staff/customers/{at}/consents").status_code == 200


def test_agreeing_needs_its_proof_and_declining_needs_nothing(desk, make_customer):
    at = make_customer()

    agreed = desk.post(f"/staff/customers/{at}/consents", data={"marketing-sms": "yes"})
    nothing = queries.consent_events(at)
    desk.post(f"/staff/customers/{at}/consents", data={"marketing-sms": "yes", "proof": "3 月 12 日电话"})
    declined = desk.post(f"/staff/customers/{at}/consents", data={"marketing-sms": "no"})

    assert (agreed.status_code, nothing, declined.status_code) == (422, [], 303)
    assert [event.granted for event in queries.consent_events(at)] == [True, False]
    assert "3 月 12 日电话" in desk.get(f"/staff/customers/{at}/consents").text


def test_consents_given_at_once_are_one_row_of_the_timeline(desk, make_customer):
    at = make_customer()

    desk.post(
        f"/staff/customers/{at}/consents",
        data={
            "privacy-all": "yes",
            "service-sms": "yes",
            "service-wechat": "yes",
            "marketing-sms": "no",
            "proof": "到店",
        },
    )

    page = desk.get(f"/staff/customers/{at}").text
    told = [line for line in re.findall(r'<p class="text-break">(.*?)</p>', page) if "服务通知" in line]
    assert len(told) == 1
    assert "短信、微信服务通知" in told[0]
    assert "隐私说明" in told[0]


def test_a_note_stands_on_top_of_the_timeline_as_it_was_written(desk, make_customer):
    at = make_customer()

    desk.post(f"/staff/customers/{at}/notes", data={"kind": "call", "note": "空调异响 {n} <b>"})
    empty = desk.post(f"/staff/customers/{at}/notes", data={"kind": "call", "note": " "})

    assert "空调异响 {n} &lt;b&gt;" in desk.get(f"/staff/customers/{at}?show=contact").text
    assert "空调异响" not in desk.get(f"/staff/customers/{at}?show=visit").text
    assert empty.status_code == 422


def test_a_vehicle_is_added_and_a_vin_with_o_is_told_at_its_field(desk, make_customer):
    at = make_customer()
    form = {"vin": VIN, "plate": "粤A·0X12D", "vehicle_class": "passenger", "use": "household"}

    wrong = desk.post(f"/staff/customers/{at}/vehicles/new", data={**form, "vin": "LSVAA4182O2123456"})
    added = desk.post(f"/staff/customers/{at}/vehicles/new", data=form)
    twice = desk.post(f"/staff/customers/{at}/vehicles/new", data=form)

    assert [one.status_code for one in (wrong, added, twice)] == [422, 303, 409]
    assert 'id="f-vin-error"' in wrong.text
    [held] = queries.vehicles_of(at)
    assert (held.vehicle.vin, held.vehicle.plate, held.role) == (VIN, "粤A0X12D", "owner")


def test_mileage_backward_needs_a_reason(desk, make_customer, make_vehicle, clock):
    vehicle = make_vehicle(make_customer())
    address = f"/staff/vehicles/{vehicle}/readings"

    answers = [
        desk.post(address, data={"km": "5,120", "day": "2026-03-10"}),
        desk.post(address, data={"km": "4000", "day": "2026-03-11"}),
        desk.post(address, data={"km": "４０００", "day": "2026-03-11"}),
        desk.post(address, data={"km": "4000", "day": "2026-03-11", "reason": "抄错了"}),
    ]
    clock.advance(hours=1)
    answers.append(desk.post(address, data={"km": "4001", "day": "2026-03-12"}))

    assert [one.status_code for one in answers] == [303, 409, 422, 303, 303]
    assert [one.km for one in queries.readings(vehicle)] == [4001, 4000, 5120]
    assert desk.get(f"/staff/vehicles/{vehicle}").status_code == 200


def test_the_next_owner_begins_where_the_last_one_ends(desk, make_customer, make_vehicle, far_store):
    old, new = make_customer(), make_customer("李雷")
    stranger = make_customer("周迅", home=far_store)
    vehicle = make_vehicle(old)
    address = f"/staff/vehicles/{vehicle}/owner"

    answers = [
        desk.post(address, data={"number": f"C-{stranger:07d}", "day": "2026-03-05"}),
        desk.post(address, data={"number": f"C-{old:07d}", "day": "2026-03-05"}),
        desk.post(address, data={"number": f"C-{new:07d}", "day": "2026-02-01"}),
        desk.post(address, data={"number": f"C-{new:07d}", "day": "2026-03-05"}),
    ]

    assert [one.status_code for one in answers] == [422, 409, 409, 303]
    held = {(one.customer.id, one.from_day, one.until_day) for one in queries.holdings(vehicle)}
    assert held == {(old, date(2026, 3, 1), date(2026, 3, 5)), (new, date(2026, 3, 5), None)}


def test_the_list_is_sorted_by_pinyin_and_pages_without_gaps(desk, make_customer, here):
    for name in ("周八", "安一", "赵六", "单田芳", "白二", None):
        make_customer(name)

    first = queries.customer_list(here, limit=4)
    second = queries.customer_list(here, limit=4, cursor=first.next_cursor)

    assert [hit.customer.name for hit in first.items + second.items] == ["安一", "白二", "单田芳", "赵六", "周八", None]
    assert second.next_cursor is None
    assert "安一" in desk.get("/staff/customers").text


@pytest.mark.parametrize(
    "address",
    ["/staff/search", "/staff/search?q=zzz", "/staff/customers", "/staff/customers/new", "/staff/vehicles"],
)
@pytest.mark.parametrize("language", ["en", "zh_Hans_CN"])
def test_pages_open_when_there_is_nothing_yet(desk, address, language):
    assert desk.get(address, headers={"Accept-Language": language}).status_code == 200


def test_every_page_of_a_customer_and_a_vehicle_opens(desk, make_customer, make_vehicle):
    at = make_customer(phone="13812345678")
    vehicle = make_vehicle(at)
    pages = [f"/staff/customers/{at}{end}" for end in ("", "/edit", "/consents", "/vehicles/new", "?show=points")]
    pages += [f"/staff/vehicles/{vehicle}{end}" for end in ("", "/edit", "/owner")]
    pages += ["/staff/customers", "/staff/vehicles", "/staff/search?q=粤A0X12D"]

    answers = {page: desk.get(page).status_code for page in pages}

    assert answers == {page: 302 if "search" in page else 200 for page in pages}


def test_a_forged_cursor_is_malformed_and_not_an_error_of_ours(desk):
    assert desk.get("/staff/customers?cursor=abc").status_code == 422


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_sentences_of_customers_group_how_many_and_not_which_one(app, language):
    numbers = {"count": 12345, "number": 12345, "customer_id": 12345}
    sentence = "{count} of {number}, {customer_id}"

    with app.test_request_context(headers={"Accept-Language": language}):
        assert effect_texts([Effect("x", sentence, numbers)]) == ["12,345 of 12345, 12345"]
