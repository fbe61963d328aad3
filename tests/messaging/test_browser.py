"""The pages of messages in real Chromium: readable by everybody, on a desk and on a phone, light and dark."""

from datetime import timedelta

import pytest

from loyalty.kernel.actor import SYSTEM, Actor
from loyalty.kernel.db import database_now
from loyalty.messaging.sealed import opt_out_token
from loyalty.messaging.service import Incoming, TemplateDraft, drain, receive_reply, save_draft, set_channel
from loyalty.staff.rules import PERMISSIONS
from tests.fixtures.browsers import DESK, PHONE, faults
from tests.messaging.conftest import READY

pytestmark = pytest.mark.browser

LOOKS = {
    "desk-zh-light": {"size": DESK, "lang": "zh-CN", "dark": False},
    "phone-zh-dark": {"size": PHONE, "lang": "zh-CN", "dark": True},
    "desk-en-dark": {"size": DESK, "lang": "en-GB", "dark": True},
    "phone-en-light": {"size": PHONE, "lang": "en-GB", "dark": False},
}


def draft_of_offer(clock):
    save_draft(TemplateDraft("offer", "Offer", "marketing", READY), after=1, edition=0, now=clock.now, by=SYSTEM)
    return "offer"


@pytest.fixture
def scene(person, planned, carrier, acting, clock, app, monkeypatch):
    """Messages in every state, replies, a paused channel; the addresses of the pages that show them."""
    actor = Actor("staff", None, "李经理", dict.fromkeys(PERMISSIONS))
    owner = person(name="陈思远")
    acting(actor)
    monkeypatch.setitem(
        app.extensions,
        "loyalty.actor_loaders",
        {"/staff": lambda: actor, "/my": lambda: Actor("owner", owner, "owner", customer_id=owner)},
    )
    for channel in ("inbox", "email"):
        planned(owner, "ready", channel)
        drain(channel)
    carrier.outcomes = {"+8613812340002": "lost", "+8613812340003": "refused"}
    unclear, refused = (planned(person(name=name)) for name in ("林悦", "周明"))
    planned(person(name="赵磊", agrees=()), "offer")
    drain("sms")
    planned(person(name="孙丽"), due=database_now() + timedelta(days=3))
    incoming = Incoming("sms", "in-1", "13812340001", "周六上午可以保养吗？需要提前多久预约？", clock.now)
    receive_reply(incoming, now=clock.now, by=SYSTEM)
    set_channel("wechat", per_minute=120, paused=True, now=clock.now, by=actor)
    return {
        "list": "/staff/messages",
        "unclear": f"/staff/messages/{unclear}",
        "refused": f"/staff/messages/{refused}",
        "replies": "/staff/messages/replies",
        "channel": "/staff/messages/channels/wechat",
        "templates": "/staff/templates",
        "template": "/staff/templates/offer",
        "draft": f"/staff/templates/drafts/{draft_of_offer(clock)}",
        "draft-form": "/staff/templates/drafts/offer/edit",
        "template-form": "/staff/templates/wish/edit",
        "inbox": "/my/inbox",
        "opt-out": f"/u/{opt_out_token(owner)}",
    }


@pytest.mark.usefixtures("committed", "always_open")
@pytest.mark.parametrize("look", LOOKS)
def test_the_pages_of_messages_look_right(scene, open_page, look):
    page = open_page("/staff/messages", **LOOKS[look])
    wrong = {}
    for name, path in scene.items():
        answer = page.goto(path)
        found = faults(page, f"messages-{name}-{look}") + ([] if answer.ok else [f"status {answer.status}"])
        if found:
            wrong[name] = found

    assert wrong == {}
