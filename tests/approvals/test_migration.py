"""What waited for a second person before there was one list joins it."""

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from loyalty.cli.schema import upgrade

BEFORE, AFTER = "0013_second_factor", "0014_add_approvals"

PEOPLE = """
    INSERT INTO stores (code, name, zone, currency) VALUES ('CD01', '城东店', 'Asia/Shanghai', 'CNY');
    INSERT INTO staff_accounts (username, name, password, password_at, active, fs_uniquifier, created_at)
    VALUES ('asker', '林悦', '-', now(), true, 'a', now()), ('other', '赵刚', '-', now(), true, 'b', now());
    INSERT INTO customers (name, name_key, kind, created_at) VALUES ('王建国', 'wang', 'person', now());
    INSERT INTO members (customer_id, store_id, joined_at, joined_day)
    SELECT c.id, s.id, now(), current_date FROM customers c, stores s;
    INSERT INTO tier_standings (customer_id, since_day, joined_day, settled_day)
    SELECT id, current_date, current_date, current_date FROM customers;
"""
WAITING = """
    INSERT INTO tier_floors (customer_id, level_code, until_day, reason, setter_id, setter_name, set_at)
    SELECT c.id, level, current_date + 30, '大客户', a.id, a.name, now()
    FROM customers c, staff_accounts a, unnest(ARRAY['silver', 'gold']) AS level WHERE a.username = 'asker';
    INSERT INTO policy_versions (kind, number, body, sha256, state, author_id, created_at)
    SELECT 'expiry', 1, '{}', '\\x00', state, id, now()
    FROM staff_accounts, unnest(ARRAY['in_review']) AS state WHERE username = 'asker';
"""


@pytest.fixture
def older(clones, worker_number):
    """A database of the version before, with two levels and a version of the rules that wait."""
    with clones.empty(f"older_w{worker_number}") as url:
        upgrade(url, BEFORE)
        engine = create_engine(url, poolclass=NullPool)
        with engine.begin() as connection:
            for statement in (PEOPLE + WAITING).split(";\n"):
                if statement.strip():
                    connection.execute(text(statement))
        yield url, engine


def test_what_waits_is_found_in_the_list_with_who_asked(older):
    url, engine = older

    upgrade(url, AFTER)

    with engine.connect() as connection:
        asked = connection.execute(
            text("""
                SELECT p.kind, p.subject_kind, p.body ->> 'level', p.state, a.username, p.store_id IS NOT NULL
                FROM approvals p JOIN staff_accounts a ON a.id = p.asked_by ORDER BY p.kind
            """)
        ).all()
        floors = connection.execute(text("SELECT level_code FROM tier_floors")).scalars().all()
    assert [tuple(row) for row in asked] == [
        ("programme_version", "version", None, "waiting", "asker", False),
        ("tier_floor", "member", "gold", "waiting", "asker", True),
    ]
    assert floors == ["gold"]  # of several that waited for one member the last one counts
