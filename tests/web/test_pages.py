"""Layouts, navigation, headers, static files, icons and forms."""

import gzip
import re

import pytest
from flask import render_template_string, session
from markupsafe import Markup, escape

from loyalty.web.assets import BOOTSTRAP, FOLDER, follow_the_device
from loyalty.web.csrf import from_our_site
from loyalty.web.headers import CONTENT_POLICY
from loyalty.web.icons import UnknownIcon
from loyalty.web.navigation import Entry, current_entry

FIELDS = '{% import "web/macros/fields.html" as f %}'


@pytest.mark.parametrize("path", ["/plain", "/staff/customers", "/my/", "/api/v1/raise/refused", "/nowhere"])
def test_every_answer_says_what_a_page_may_load_and_is_not_kept(staff, path):
    answer = staff.get(path)

    assert answer.headers["Content-Security-Policy"] == CONTENT_POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in answer.headers


def test_over_https_browsers_are_told_to_stay_there(visitor):
    answer = visitor.get("/plain", base_url="https://localhost")

    assert "max-age=63072000" in answer.headers["Strict-Transport-Security"]


@pytest.mark.parametrize("path", ["/plain", "/", "/staff/customers", "/my/", "/staff/help", "/staff/stop/404"])
def test_no_page_has_inline_style_or_script(staff, path):
    text = staff.get(path).text

    assert " style=" not in text
    assert "<style" not in text
    assert not re.search(r"<script(?![^>]* src=)", text)
    assert not re.search(r"\son\w+=", text)


# ---------------------------------------------------------------- static files


def linked(client, path="/plain"):
    return re.findall(r'(?:href|src)="(/static/[^"]+)"', client.get(path).text)


def test_static_files_have_addresses_with_their_hash_and_are_kept_for_ever(visitor):
    addresses = linked(visitor)

    assert {address.rsplit("/", 1)[1] for address in addresses} == {
        "app.css", "app.js", "icon.svg", "bootstrap.min.css",
    }  # fmt: skip
    for address in addresses:
        answer = visitor.get(address)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_static_file_under_another_hash_is_not_found(visitor):
    [address] = [address for address in linked(visitor) if address.endswith("app.css")]
    stale = re.sub(r"/static/\w+/", "/static/0000000000000000/", address)

    assert visitor.get(stale).status_code == 404


def test_static_files_leave_packed_for_who_unpacks_them(visitor):
    [address] = [address for address in linked(visitor) if address.endswith(BOOTSTRAP)]

    packed = visitor.get(address, headers={"Accept-Encoding": "gzip, br"})
    plain = visitor.get(address)

    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < 40_000
    assert "sourceMappingURL" not in plain.text


def test_who_has_a_file_is_told_so(visitor):
    [address] = [address for address in linked(visitor) if address.endswith("app.js")]
    tag = visitor.get(address).headers["ETag"]

    assert visitor.get(address, headers={"If-None-Match": tag}).status_code == 304


def test_the_script_stays_small():
    assert len(gzip.compress((FOLDER / "app.js").read_bytes())) <= 6_000


def test_dark_rules_are_repeated_for_devices_that_prefer_dark():
    css = ':root{--a:1}[data-bs-theme=dark]{--a:2}[data-bs-theme="dark"] .x{b:3}'

    followed = follow_the_device(css)

    assert followed.startswith(css)
    assert "@media (prefers-color-scheme:dark){[data-bs-theme=auto]{--a:2}[data-bs-theme=auto] .x{b:3}}" in followed
    assert follow_the_device(".x{b:3}") == ".x{b:3}"


def test_pages_leave_packed_and_their_size_tells_little(staff):
    answers = [staff.get("/staff/customers", headers={"Accept-Encoding": "gzip"}) for _ in range(12)]

    assert all(answer.headers["Content-Encoding"] == "gzip" for answer in answers)
    assert gzip.decompress(answers[0].data).startswith(b"<!doctype html>")
    assert len({len(answer.data) for answer in answers}) > 1


# ---------------------------------------------------------------- icons


def test_a_page_carries_the_icons_it_uses_and_no_others(visitor):
    text = visitor.get("/plain").text
    used = set(re.findall(r'href="#bi-([\w-]+)"', text))
    carried = set(re.findall(r'<symbol id="bi-([\w-]+)"', text))

    assert "telephone" in used
    assert carried == used


@pytest.mark.parametrize("value", ["<b> & 'it' \"is\"", 7, None, Markup("<b>"), "粤A·<1>", 1.5])
def test_what_a_template_puts_out_is_escaped_as_by_the_library(rendered, value):
    assert rendered("{{ value }}", value=value) == str(escape(value))


def test_what_is_drawn_once_still_brings_its_icons_and_speaks_the_readers_language(staff):
    chinese, again, english = (staff.get(f"/staff/customers?lang={one}").text for one in ("zh-CN", "zh-CN", "en"))

    used = set(re.findall(r'href="#(bi-[^"]+)"', chinese))
    assert used == set(re.findall(r'<symbol id="(bi-[^"]+)"', again)) != set()
    assert ("浅色" in chinese, "浅色" in english, "Light" in english) == (True, False, True)


def test_an_icon_with_a_name_is_read_aloud_and_one_without_is_not(rendered):
    assert 'aria-label="A &#34;phone&#34;"' in rendered("{{ icon('telephone', label='A \"phone\"') }}")
    assert 'aria-hidden="true"' in rendered("{{ icon('telephone') }}")


def test_an_unknown_icon_is_a_loud_slip(rendered):
    with pytest.raises(UnknownIcon):
        rendered("{{ icon('no-such-thing') }}")


# ---------------------------------------------------------------- navigation


def test_only_what_is_served_is_offered(staff):
    text = staff.get("/staff/customers").text

    assert 'href="/staff/customers" aria-current="page"' in text
    assert 'href="/staff/help"' in text
    assert 'href="/staff/today"' not in text


def test_only_what_is_allowed_is_offered(desk):
    side = re.search(r'<nav class="side".*?</nav>', desk.get("/staff/customers").text, re.DOTALL).group()

    assert 'href="/staff/customers"' in side
    assert 'href="/staff/help"' not in side


def test_the_portal_has_the_tabs_that_are_served(staff):
    tabs = re.search(r'<nav class="tabs5".*?</nav>', staff.get("/my/").text, re.DOTALL).group()

    assert ("/my/profile" in tabs, "/my/benefits" in tabs) == (True, False)


def test_the_portal_has_no_tabs_before_the_sign_in(visitor):
    assert "tabs5" not in visitor.get("/my/").text


def test_the_entry_with_the_longest_address_above_the_page_is_the_current_one():
    home, points = Entry("Home", "/my/", "house"), Entry("Points", "/my/points", "coin", also=("/my/lots",))

    assert current_entry("/my/points/3", [home, points]) is points
    assert current_entry("/my/lots", [home, points]) is points
    assert current_entry("/my/pointsmen", [home, points]) is home
    assert current_entry("/staff", [home, points]) is None


# ---------------------------------------------------------------- forms


def test_a_form_without_its_token_is_not_taken(visitor):
    assert visitor.post("/form").status_code == 400


def test_a_form_with_its_token_is_taken(visitor):
    token = re.search(r'value="([^"]+)"', rendered_token(visitor)).group(1)

    assert visitor.post("/form", data={"csrf_token": token}).text == "taken"
    assert visitor.post("/form", data={"csrf_token": token}, headers={"Origin": "https://x.example"}).status_code == 400


def rendered_token(visitor):
    """Return a field with a token that belongs to the visitor's own session."""
    with visitor.application.test_request_context():
        field = render_template_string('<input value="{{ csrf_token() }}">')
        raw = session["csrf_token"]
    with visitor.session_transaction() as kept:
        kept["csrf_token"] = raw
    return field


def test_a_form_sent_after_the_sign_in_ran_out_leads_to_the_door(visitor):
    answer = visitor.post("/staff/form", headers={"Referer": "http://localhost/staff/customers"})

    assert (answer.status_code, answer.location) == (303, "/staff/login?next=/staff/customers")


def test_programs_need_no_token_of_a_form(visitor):
    assert visitor.post("/api/v1/json", json={"a": 1}).json == {"a": 1}


@pytest.mark.parametrize(
    ("origin", "fetch_site", "ours"),
    [
        ("http://localhost", None, True),
        ("http://elsewhere.example", None, False),
        ("null", None, False),
        (None, "same-origin", True),
        (None, "cross-site", False),
        (None, "same-site", False),
        (None, None, True),
    ],
)
def test_who_sent_a_form_is_judged_by_what_the_browser_says(origin, fetch_site, ours):
    assert from_our_site("localhost", origin, fetch_site) is ours


def test_choices_about_looks_are_kept_and_only_known_ones(visitor):
    answer = visitor.post("/looks", data={"theme": "dark", "size": "huge", "next": "/plain"})
    text = visitor.get("/plain").text

    assert (answer.status_code, answer.location) == (303, "/plain")
    assert 'data-bs-theme="dark"' in text
    assert visitor.get_cookie("size") is None


def test_choices_about_looks_are_not_taken_from_another_site(visitor):
    answer = visitor.post("/looks", data={"theme": "dark"}, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 400
    assert visitor.get_cookie("theme") is None


def test_a_field_with_an_error_names_hint_and_error_and_keeps_the_answer(rendered):
    html = rendered(
        FIELDS + '{{ f.text("phone", "Phone", {"phone": "13<8"}, {"phone": ["Too short."]}, hint="11 digits") }}'
    )

    assert 'aria-describedby="f-phone-hint f-phone-error"' in html
    assert 'aria-invalid="true"' in html
    assert 'value="13&lt;8"' in html
    assert 'id="f-phone-hint">11 digits' in html
    assert 'for="f-phone"' in html
    assert " required" not in html


def test_a_field_without_error_or_hint_has_neither_mark(rendered):
    html = rendered(FIELDS + '{{ f.text("phone", "Phone", inputmode="numeric", data_count=11) }}')

    assert "aria-" not in html
    assert 'inputmode="numeric" data-count="11"' in html


def test_a_password_is_never_sent_back(rendered):
    assert "secret" not in rendered(
        FIELDS + '{{ f.text("password", "Password", {"password": "secret"}, type="password") }}'
    )


def test_radios_stand_in_a_fieldset_with_a_legend(rendered):
    html = rendered(FIELDS + '{{ f.radios("kind", "Kind", [("a", "A"), ("b", "B")], {"kind": "b"}, keys=true) }}')

    assert "<fieldset" in html
    assert "<legend>Kind</legend>" in html
    assert re.search(r'value="b" checked data-key="2"', html)


def test_the_summary_links_each_error_to_its_field(rendered):
    html = rendered(FIELDS + '{{ f.summary({"phone": ["Too short."], "_": ["Odd."]}, {"phone": "Phone"}) }}')

    assert 'href="#f-phone"' in html
    assert 'role="alert"' in html
    assert "Odd." in html
    assert rendered(FIELDS + "{{ f.summary({}) }}").strip() == ""


def test_what_happened_is_told_with_a_way_back(staff):
    text = staff.get("/staff/told").text

    assert "Saved" in text
    assert 'action="/staff/undo"' in text
    assert "Saved" not in staff.get("/staff/customers").text


def test_the_next_page_keeps_the_filters_of_the_address(rendered):
    html = rendered(
        '{% from "web/macros/paging.html" import pager %}{{ pager("abc=", shown=2) }}',
        path="/staff/customers?store=A%26B&cursor=old",
    )

    assert 'href="/staff/customers?store=A%26B&amp;cursor=abc%3D"' in html
    assert 'href="/staff/customers?store=A%26B"' in html


def test_the_single_page_of_a_short_list_has_no_pager(rendered):
    assert rendered('{% from "web/macros/paging.html" import pager %}{{ pager(none, shown=2) }}').strip() == ""
