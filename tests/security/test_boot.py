"""Production refuses to start on what is unsafe, naming the variable and never its value."""

import base64
import secrets

import pytest
from sqlalchemy import create_engine, text

from loyalty.app import create_app
from loyalty.kernel.boot import UnsafeSettings, refuse_superuser, refuse_unsafe
from loyalty.kernel.settings import Settings

KEY = base64.b64encode(bytes(range(32))).decode()
SAFE = {
    "LOYALTY_PRODUCTION": "1",
    "LOYALTY_DATABASE_URL": "postgresql://app:" + secrets.token_urlsafe(16) + "@db/loyalty",
    "LOYALTY_REDIS_URL": "redis://valkey/0",
    "LOYALTY_SECRET_KEY": secrets.token_hex(32),
    "LOYALTY_FIELD_KEYS": f"1:{KEY},7:{KEY}",
}


def test_safe_settings_start():
    """The negative control: what follows is refused for the one thing that each names."""
    refuse_unsafe(SAFE)
    assert Settings.from_environ(SAFE).secure_cookies


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOYALTY_DATABASE_URL", ""),
        ("LOYALTY_DATABASE_URL", "postgresql://app:postgres@db/loyalty"),
        ("LOYALTY_REDIS_URL", ""),
        ("LOYALTY_REDIS_URL", "redis://:changeme@valkey/0"),
        ("LOYALTY_SECRET_KEY", ""),
        ("LOYALTY_SECRET_KEY", "8a1af01484350f30fe1dafa04f0700"),
        ("LOYALTY_SECRET_KEY", "abcabcabc" * 8),
        ("LOYALTY_SECRET_KEY", "please-change-me-0123456789-abcdefghijk"),
        ("LOYALTY_FIELD_KEYS", ""),
        ("LOYALTY_FIELD_KEYS", "1:" + base64.b64encode(bytes(range(31))).decode()),
        ("LOYALTY_FIELD_KEYS", "1:" + base64.b64encode(bytes(32)).decode()),
        ("LOYALTY_FIELD_KEYS", f"1:{KEY},2:not base64 at all"),
        ("LOYALTY_FIELD_KEYS", f"256:{KEY}"),
        ("LOYALTY_FIELD_KEYS", f"one:{KEY}"),
        ("LOYALTY_INDEX_KEY", "short"),
        ("LOYALTY_METRICS_TOKEN", "short"),
        ("LOYALTY_SECURE_COOKIES", "0"),
        ("FLASK_DEBUG", "1"),
        ("LOYALTY_DEBUG", "yes"),
    ],
)
def test_an_unsafe_setting_is_refused_by_its_name_without_its_value(name, value):
    with pytest.raises(UnsafeSettings) as refused:
        Settings.from_environ(SAFE | {name: value})

    assert name in str(refused.value)
    assert not value or len(value) < 4 or value not in str(refused.value)


@pytest.mark.parametrize("value", ["", "0", "false"])
def test_debug_that_is_switched_off_starts(value):
    refuse_unsafe(SAFE | {"FLASK_DEBUG": value})


def test_outside_of_production_the_same_starts():
    Settings.from_environ({"LOYALTY_SECURE_COOKIES": "0", "FLASK_DEBUG": "1"})


def test_a_superuser_of_the_database_is_refused(clones, monkeypatch):
    """`current_user` of the test's servers is no superuser; a row that says so stands for one that is."""
    engine = create_engine(clones.admin_url)
    refuse_superuser(engine)  # the negative control

    monkeypatch.setattr("loyalty.kernel.boot._SUPERUSER", text("SELECT true"))
    with pytest.raises(UnsafeSettings, match="LOYALTY_DATABASE_URL"):
        refuse_superuser(engine)
    engine.dispose()


def test_a_database_that_does_not_answer_is_refused_by_name_without_its_password():
    with pytest.raises(UnsafeSettings, match="LOYALTY_DATABASE_URL") as refused:
        refuse_superuser(create_engine("postgresql+psycopg://app:hidden-word@127.0.0.1:1/nothing"))

    assert "hidden-word" not in str(refused.value)


def test_the_application_itself_asks_when_it_is_in_production(environment, monkeypatch):
    asked = []
    monkeypatch.setattr("loyalty.app.refuse_superuser", asked.append)

    create_app({"LOYALTY_PRODUCTION": "1", "LOYALTY_FIELD_KEYS": f"1:{KEY}"})
    assert len(asked) == 1

    create_app({"LOYALTY_PRODUCTION": "0"})
    assert len(asked) == 1
