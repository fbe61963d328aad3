"""Where an owner is signed in."""

import re

from loyalty.kernel.sessions import open_sessions

TYPED = {"phone": "138 1234 5678", "privacy": "1"}
LIST = "/my/sessions"


def sign_in(client, phone, clock):
    clock.advance(minutes=2)
    client.post("/my/login", data=TYPED)
    return client.post("/my/code", data={"code": phone.code})


def test_one_device_and_all_others_are_signed_out(app, client, make_owner, phone, clock, valkey):
    owner = make_owner()
    first, second, third = client, app.test_client(), app.test_client()
    for browser in (first, second, third):
        sign_in(browser, phone, clock)
    page = first.get(LIST).text
    assert len(re.findall(rf'action="{LIST}/[0-9a-f]+/end"', page)) == 2
    assert page.count("本设备") == 1

    end = re.search(rf'action="({LIST}/[0-9a-f]+/end)"', page).group(1)
    assert first.post(end).location == LIST
    assert len(open_sessions("owner", owner, now=clock.now)) == 2
    first.post(f"{LIST}/end-others")

    assert first.get(LIST).status_code == 200
    assert second.get(LIST).location == "/my/login?next=/my/sessions"
    assert third.get(LIST).status_code == 303


def test_the_device_of_somebody_else_stays_signed_in(app, client, make_owner, phone, clock):
    owner = make_owner()
    sign_in(client, phone, clock)
    make_owner("李梅", "13900000000")
    other = app.test_client()
    clock.advance(minutes=2)
    other.post("/my/login", data={**TYPED, "phone": "13900000000"})
    other.post("/my/code", data={"code": phone.code})
    (theirs,) = open_sessions("owner", owner, now=clock.now)

    other.post(f"{LIST}/{theirs.id}/end")

    assert client.get(LIST).status_code == 200
