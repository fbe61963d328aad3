"""The texts that come with the product: written once, fit to be sent, and never over what people made of them."""

import subprocess
import sys

import pytest
from sqlalchemy import text

from loyalty.cli.first_texts import write_first_texts
from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.db import db
from loyalty.kernel.errors import Malformed
from loyalty.messaging import queries
from loyalty.messaging.rules import FIRST_TEXTS, LANGUAGES, NewMessage, opts_out, parse_texts, render
from loyalty.messaging.rules.samples import SAMPLES
from loyalty.messaging.service import plan, write_version
from loyalty.owners.rules import CODE_BODY
from tests.messaging.conftest import LONG_AGO, READY, rows

RISEN = {"variables": ["tier"], "texts": {"sms": {"zh_Hans_CN": {"text": "{tier}！"}, "en": {"text": "{tier}!"}}}}


@pytest.mark.parametrize("name", FIRST_TEXTS)
def test_every_text_can_be_sent_in_both_languages_on_every_channel(name):
    texts = parse_texts(FIRST_TEXTS[name][1])

    assert set(texts.channels) == {"sms", "email", "wechat", "inbox"}
    for channel in texts.channels:
        for language in LANGUAGES:
            said = render(name, texts, channel, language, SAMPLES[language])
            assert "{" not in said.text
            assert not opts_out(said.text)
            assert (said.subject is None) == (channel in ("sms", "wechat"))


def test_texts_are_written_once_and_what_people_made_of_them_stays(db_session, clock):
    first = write_first_texts(clock.now)
    write_version("tier-up", "升级啦", RISEN, after=1, now=clock.now, by=SYSTEM)

    again = write_first_texts(clock.now)

    assert first >= len(FIRST_TEXTS)
    assert again == 0
    assert (queries.template("tier-up").number, queries.template("tier-up").title) == (2, "升级啦")
    assert rows("SELECT count(*) FROM audit_rows WHERE action = 'template.created'") == [(first,)]


@pytest.mark.parametrize(
    ("name", "body", "place"),
    [
        ("tier-up", READY, "variables"),
        ("points-lapse-soon", RISEN, "variables"),
        ("appointment-reminder", RISEN, "variables"),
        ("sign-in-code", {**CODE_BODY, "variables": ["code", "minutes", "name"]}, "variables"),
        (
            "sign-in-code",
            {"texts": {"sms": {"zh_Hans_CN": {"text": "您好"}, "en": {"text": "Hello"}}}},
            "texts.sms.en.text",
        ),
    ],
)
def test_a_text_that_its_sender_could_not_fill_is_refused_where_it_is_written(db_session, clock, name, body, place):
    write_first_texts(clock.now)

    with pytest.raises(Malformed) as refused:
        write_version(name, "另一版", body, after=1, now=clock.now, by=SYSTEM)

    assert place in refused.value.errors
    assert queries.template(name).number == 1


@pytest.mark.usefixtures("always_open")
def test_a_message_is_written_by_them(person, clock):
    write_first_texts(clock.now)
    values = {"customer": "王建国", "points": "8,420", "day": "2026-12-31"}
    message = NewMessage("k:1", person(), "points-lapse-soon", LONG_AGO, values, channel="sms")

    plan([message], now=clock.now, by=SYSTEM)

    assert rows("SELECT state, channel, purpose FROM messages") == [("due", "sms", "service")]


@pytest.mark.processes
@pytest.mark.usefixtures("committed")
def test_the_migration_of_an_installation_writes_them():
    for _ in range(2):
        done = subprocess.run([sys.executable, "-m", "loyalty.cli", "migrate"], check=False)
        assert done.returncode == 0

    written = db.session.scalars(text("SELECT name FROM message_templates ORDER BY name")).all()
    assert set(FIRST_TEXTS) <= set(written)
