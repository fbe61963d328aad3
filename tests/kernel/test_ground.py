"""Transactions, announcements, actors, seals, cursors, settings."""

import base64
from dataclasses import dataclass
from decimal import Decimal

import pytest
from sqlalchemy import text

from loyalty.kernel import events
from loyalty.kernel.actor import SYSTEM, Actor
from loyalty.kernel.crypto import BrokenSeal, KeyRing, blind_index, seal, unseal
from loyalty.kernel.db import after_commit, batch, transaction
from loyalty.kernel.effects import Effect
from loyalty.kernel.errors import Forbidden, Malformed, Sentence
from loyalty.kernel.paging import decode_cursor, encode_cursor, page_size
from loyalty.kernel.settings import Settings, UnsafeSettings


def keys_of(session):
    return session.execute(text("SELECT count(*) FROM idempotency_keys")).scalar_one()


INSERT = text("INSERT INTO idempotency_keys VALUES ('c', 'o', :key, ''::bytea, '{}', now())")


def test_what_is_nested_stands_or_falls_with_the_outermost(db_session):
    def fail_outside():
        with transaction() as session:
            session.execute(INSERT, {"key": "outer"})
            with transaction() as inner:
                inner.execute(INSERT, {"key": "inner"})
            raise ValueError("planted")

    with pytest.raises(ValueError, match="planted"):
        fail_outside()

    assert keys_of(db_session) == 0


def test_what_follows_the_commit_does_not_follow_a_rollback(db_session):
    done = []

    def fail():
        with transaction():
            after_commit(lambda: done.append("rolled back"))
            raise ValueError("planted")

    with pytest.raises(ValueError, match="planted"):
        fail()
    with transaction():
        after_commit(lambda: done.append("committed"))
        assert done == []

    assert done == ["committed"]


@dataclass(frozen=True)
class Happened:
    number: int


@pytest.fixture
def wires(monkeypatch):
    monkeypatch.setattr(events, "_wires", events._Wires())


def test_reactions_run_in_order_each_with_the_whole_batch(wires, clock):
    seen = []

    def first(batch, *, now, by):
        seen.append(("first", [one.number for one in batch]))
        return [Effect("first", "{n} seen.", {"n": len(batch)})]

    def second(batch, *, now, by):
        seen.append(("second", [one.number for one in batch]))
        return []

    events.wire({Happened: [first, second]})

    effects = events.announce([Happened(1), Happened(2)], now=clock.now, by=SYSTEM)

    assert seen == [("first", [1, 2]), ("second", [1, 2])]
    assert [str(effect) for effect in effects] == ["2 seen."]
    assert events.announce([], now=clock.now, by=SYSTEM) == []


def test_a_permission_counts_in_its_stores_alone():
    actor = Actor("staff", 1, "林悦", {"points.read": frozenset({1, 2}), "sales.read": None})

    assert actor.scope("points.read").stores == {1, 2}
    assert actor.scope("sales.read").stores is None
    assert actor.scope("points.read").covers(1)
    assert not actor.scope("points.read").covers(3)
    with pytest.raises(Forbidden):
        actor.scope("points.adjust")


def test_an_owner_sees_one_customer_alone():
    assert Actor("owner", 7, "王先生", customer_id=7).scope("points.read").customer_id == 7


def test_a_sealed_value_opens_at_its_own_place_alone(app):
    with app.app_context():
        sealed = seal("13812345678", place="identifiers.value:1")

        assert unseal(sealed, place="identifiers.value:1") == "13812345678"
        assert b"138" not in sealed
        with pytest.raises(BrokenSeal):
            unseal(sealed, place="identifiers.value:2")
        with pytest.raises(BrokenSeal):
            unseal(sealed[:-1] + bytes([sealed[-1] ^ 1]), place="identifiers.value:1")
        with pytest.raises(BrokenSeal):
            unseal(b"", place="identifiers.value:1")


def test_equal_values_are_sealed_apart_but_found_by_one_index(app):
    with app.app_context():
        assert seal("a", place="p") != seal("a", place="p")
        assert blind_index("a", purpose="phone") == blind_index("a", purpose="phone")
        assert blind_index("a", purpose="phone") != blind_index("a", purpose="plate")


def test_a_retired_key_still_opens_what_it_sealed(app):
    old, new = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))
    with app.app_context():
        kept = app.extensions["loyalty.keys"]
        try:
            app.extensions["loyalty.keys"] = KeyRing.parse(f"1:{old}", "secret")
            sealed = seal("x", place="p")
            app.extensions["loyalty.keys"] = KeyRing.parse(f"2:{new},1:{old}", "secret")
            assert unseal(sealed, place="p") == "x"
            assert seal("x", place="p")[0] == 2
            app.extensions["loyalty.keys"] = KeyRing.parse(f"2:{new}", "secret")
            with pytest.raises(BrokenSeal):
                unseal(sealed, place="p")
        finally:
            app.extensions["loyalty.keys"] = kept


def test_a_cursor_comes_back_as_it_went_out_and_an_altered_one_is_refused():
    cursor = encode_cursor(["王建国", 42])

    assert decode_cursor(cursor, [str, int]) == ("王建国", 42)
    for altered in ("", "!!!", cursor[:-3], encode_cursor([1])):
        with pytest.raises(Malformed):
            decode_cursor(altered, [str, int])


def test_a_page_is_never_unbounded():
    assert page_size(None) == 50
    assert page_size(10_000) == 100
    with pytest.raises(Malformed):
        page_size(0)


SAFE = {
    "LOYALTY_PRODUCTION": "1",
    "LOYALTY_DATABASE_URL": "postgresql://db/loyalty",
    "LOYALTY_REDIS_URL": "redis://valkey",
    "LOYALTY_SECRET_KEY": "0123456789abcdefghijklmnopqrstuv",
    "LOYALTY_FIELD_KEYS": "1:" + base64.b64encode(bytes(range(32))).decode(),
}


def test_production_starts_with_every_secret():
    assert Settings.from_environ(SAFE).database_url == "postgresql+psycopg://db/loyalty"


@pytest.mark.parametrize("name", [name for name in SAFE if name != "LOYALTY_PRODUCTION"])
def test_production_refuses_a_missing_secret_and_names_it(name):
    with pytest.raises(UnsafeSettings, match=name):
        Settings.from_environ({key: value for key, value in SAFE.items() if key != name})


def test_production_refuses_a_weak_secret_without_showing_it():
    with pytest.raises(UnsafeSettings) as refused:
        Settings.from_environ({**SAFE, "LOYALTY_SECRET_KEY": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})

    assert "LOYALTY_SECRET_KEY" in str(refused.value)
    assert "aaaa" not in str(refused.value)


def test_a_batch_reaches_the_database_as_it_is(db_session, clock):
    row = {
        "moment": clock.now,
        "day": clock.now.date(),
        "amount": Decimal("12.50"),
        "hash": b"\x00\xff",
        "words": ("王", "a"),
        "levels": frozenset({"silver", "gold"}),
        "told": Sentence("{n} of them", n=3),
        "none": None,
    }
    statement = """
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (
            moment timestamptz, day date, amount numeric, hash bytea, words jsonb, levels jsonb, told text, "none" text)
    """

    found = db_session.execute(text(statement), {"rows": batch([row])}).one()

    assert (found.moment, found.day, found.amount) == (row["moment"], row["day"], row["amount"])
    assert (bytes(found.hash), found.words, found.levels) == (b"\x00\xff", ["王", "a"], ["gold", "silver"])
    assert (found.told, found.none) == ("3 of them", None)


def test_what_has_no_place_in_a_batch_is_refused():
    with pytest.raises(TypeError):
        batch([{"odd": object()}])
