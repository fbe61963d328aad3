"""The sign-in pages of owners."""

import re

import pytest
from sqlalchemy import select, text

from loyalty.customers import queries as customers
from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.db import db
from loyalty.kernel.sessions import WebSession
from loyalty.messaging.service import set_retired, write_version
from loyalty.owners import service
from loyalty.staff.models import AuditRow

FORM_TOKEN = re.compile('name="csrf_token" value="[^"]+"')  # it holds the second in which it was made
TYPED = {"phone": "138 1234 5678", "privacy": "1"}


@pytest.fixture
def signed_in(client):
    """Whether the browser's session is an owner's, and whose."""

    def who():
        row = db.session.scalars(select(WebSession).where(WebSession.kind == "owner")).one_or_none()
        return row.subject_id if row else None

    return who


def test_an_owner_signs_in_with_phone_and_code(client, make_owner, phone, signed_in):
    owner = make_owner()

    asked = client.post("/my/login", data=TYPED)
    shown = client.get("/my/code").text
    entered = client.post("/my/code", data={"code": f"{phone.code[:3]} {phone.code[3:]}"})

    assert (asked.status_code, asked.location) == (303, "/my/code")
    assert "138****5678" in shown
    assert 'autocomplete="one-time-code"' in shown
    assert 'inputmode="numeric"' in shown
    assert (entered.status_code, entered.location, signed_in()) == (303, "/my/", owner)
    assert [sent[0] for sent in phone.texts] == ["+8613812345678"]


OWN = {
    "variables": ["code"],
    "texts": {"sms": {"zh_Hans_CN": {"text": "【鹏程】{code}，客服 400800"}, "en": {"text": "Pengcheng: {code}"}}},
}


@pytest.mark.parametrize(
    ("lang", "retired", "words"),
    [
        ("zh_Hans_CN", False, "【鹏程】"),
        ("en", False, "Pengcheng: "),
        ("en", True, "It is good for 5 minutes"),
    ],
)
def test_codes_come_in_the_words_of_their_template_or_in_the_first_ones(
    client, make_owner, phone, clock, lang, retired, words
):
    make_owner()
    service.ensure_texts(now=clock.now)
    write_version("sign-in-code", "验证码", OWN, after=1, now=clock.now, by=SYSTEM)
    set_retired("sign-in-code", retired=retired, now=clock.now, by=SYSTEM)
    client.set_cookie("lang", lang)

    client.post("/my/login", data=TYPED)

    assert words in phone.texts[-1][1]
    assert db.session.scalar(text("SELECT count(*) FROM messages")) == 0
    assert client.post("/my/code", data={"code": phone.code}).status_code == 303


def test_the_privacy_notice_must_be_agreed_to_and_no_box_is_ticked_beforehand(client, make_owner, phone):
    make_owner()

    form = client.get("/my/login").text
    refused = client.post("/my/login", data={"phone": TYPED["phone"]})

    assert "checked" not in form
    assert refused.status_code == 422
    assert 'id="f-privacy-error"' in refused.text
    assert phone.texts == []


@pytest.mark.parametrize("offers", [True, False])
def test_offers_are_agreed_to_only_by_their_own_box(client, make_owner, phone, offers):
    owner = make_owner()
    client.post("/my/login", data={**TYPED, **({"offers": "1"} if offers else {})})

    client.post("/my/code", data={"code": phone.code})

    state = {pair for pair, event in customers.consents(owner).items() if event.granted}
    assert state == {("privacy", "all")} | ({("marketing", "sms")} if offers else set())
    assert db.session.scalars(select(AuditRow.actor_kind).where(AuditRow.action == "owner.signed_in")).one() == "owner"


def test_an_unknown_phone_gets_the_same_pages_and_no_message(client, make_owner, phone, signed_in):
    make_owner(phone="13900000000")

    known = client.post("/my/login", data={**TYPED, "phone": "13900000000"})
    known_page = client.get("/my/code").text
    unknown = client.post("/my/login", data=TYPED)
    unknown_page = client.get("/my/code").text
    wrong = client.post("/my/code", data={"code": "000000"})

    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    known_page, unknown_page = (FORM_TOKEN.sub("", page) for page in (known_page, unknown_page))
    assert known_page.replace("139****0000", "138****5678") == unknown_page
    assert [sent[0] for sent in phone.texts] == ["+8613900000000"]
    assert (wrong.status_code, signed_in()) == (409, None)


@pytest.mark.parametrize("typed", ["", "12345", "１３８", "138123456789", "abc"])
def test_a_phone_that_cannot_be_one_is_told_at_its_field(client, db_session, phone, typed):
    answer = client.post("/my/login", data={**TYPED, "phone": typed})

    assert answer.status_code == 422
    assert 'id="f-phone-error"' in answer.text


def test_several_people_on_a_phone_choose_after_the_code(client, make_owner, phone, signed_in):
    first, second = make_owner("王建国"), make_owner("李雷")
    stranger = make_owner("周迅", "13900000000")
    client.post("/my/login", data=TYPED)

    entered = client.post("/my/code", data={"code": phone.code})
    page = client.get("/my/who").text
    wrong = client.post("/my/who", data={"customer": stranger})
    before = signed_in()
    right = client.post("/my/who", data={"customer": second})

    assert entered.location == "/my/who"
    assert "王建国" in page
    assert "李雷" in page
    assert "周迅" not in page
    assert (wrong.status_code, before) == (409, None)
    assert (right.status_code, signed_in()) == (303, second)
    assert first != second


def test_nobody_chooses_without_a_code_or_too_late(client, make_owner, phone, clock, signed_in):
    make_owner("王建国")
    second = make_owner("李雷")
    client.post("/my/login", data=TYPED)

    before = client.post("/my/who", data={"customer": second})
    client.post("/my/code", data={"code": phone.code})
    clock.advance(minutes=11)
    late = client.post("/my/who", data={"customer": second})

    assert [before.status_code, late.status_code] == [409, 409]
    assert signed_in() is None


def test_another_code_is_sent_after_a_minute_and_not_before(client, make_owner, phone, clock):
    make_owner()
    client.post("/my/login", data=TYPED)

    early = client.post("/my/code/again")
    clock.advance(seconds=60)
    later = client.post("/my/code/again")

    assert (early.status_code, early.headers["Retry-After"]) == (429, "60")
    assert later.status_code == 303
    assert len(phone.texts) == 2


def test_a_closed_customer_cannot_sign_in_and_is_signed_out(client, make_owner, phone, signed_in):
    owner = make_owner()
    client.post("/my/login", data=TYPED)
    client.post("/my/code", data={"code": phone.code})
    assert client.get("/my/logout").status_code == 200

    db.session.execute(text("UPDATE customers SET state = 'closed' WHERE id = :id"), {"id": owner})

    assert client.get("/my/logout").status_code == 302


def test_signing_out_ends_the_session_and_only_by_the_button(client, make_owner, phone, signed_in):
    owner = make_owner()
    client.post("/my/login", data=TYPED)
    client.post("/my/code", data={"code": phone.code})

    client.get("/my/logout")
    still = signed_in()
    client.post("/my/logout")

    assert (still, signed_in()) == (owner, None)


def test_a_session_lasts_thirty_days(client, make_owner, phone, clock):
    make_owner()
    client.post("/my/login", data=TYPED)
    client.post("/my/code", data={"code": phone.code})

    clock.advance(days=30, seconds=-1)
    within = client.get("/my/login").status_code
    clock.advance(seconds=2)
    after = client.get("/my/login").status_code

    assert (within, after) == (302, 200)


def test_the_phone_stands_nowhere_in_plain_text_after_signing_in(client, make_owner, phone):
    make_owner()
    client.post("/my/login", data=TYPED)
    middle = "\n".join(db.session.scalars(text("SELECT s::text FROM web_sessions AS s")))
    client.post("/my/code", data={"code": phone.code})

    names = db.session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
    rows = [text(f'SELECT t::text FROM "{name}" AS t') for name in names]  # noqa: S608 - names from the catalogue
    stored = middle + "\n".join(line for row in rows for line in db.session.scalars(row))

    assert "王建国" in stored  # the control: this way of looking finds what stands there
    for canary in ("13812345678", "138 1234 5678", b"13812345678".hex()):
        assert canary not in stored


def test_the_way_back_stays_on_this_site(client, make_owner, phone):
    make_owner()
    client.post("/my/login", data={**TYPED, "next": "https://example.com/"})

    assert client.post("/my/code", data={"code": phone.code}).location == "/my/"


@pytest.mark.parametrize("language", ["en", "zh_Hans_CN"])
def test_the_pages_open_in_both_languages(client, db_session, phone, language):
    headers = {"Accept-Language": language}

    assert client.get("/my/login", headers=headers).status_code == 200
    assert client.get("/my/code", headers=headers).location == "/my/login"
