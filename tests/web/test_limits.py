"""What one person may ask how often: others behind the same address are left alone."""

from dataclasses import replace

import pytest

from loyalty.kernel.actor import Actor
from loyalty.staff.rules import PERMISSIONS

SEARCHES, UPLOADS, USES = 240, 120, 120
LIN = Actor("staff", 1, "林悦", dict.fromkeys(PERMISSIONS))


@pytest.fixture
def desk(app, client, db_session, monkeypatch):
    """Return a function that lets requests come from somebody with every permission."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)

    def of(actor):
        monkeypatch.setitem(app.extensions, "loyalty.actor_loaders", {"/staff": lambda: actor})
        return client

    return of


@pytest.mark.parametrize(
    ("ask", "most", "usual"),
    [
        (lambda desk: desk.get("/staff/search?q=nobody"), SEARCHES, 200),
        (lambda desk: desk.post("/staff/imports/new"), UPLOADS, 422),
        (lambda desk: desk.post("/staff/members/000000000001/redeem"), USES, 404),
    ],
    ids=["search", "upload", "redeem"],
)
def test_the_limit_is_of_the_person_and_says_when_to_come_back(desk, ask, most, usual):
    statuses = [ask(desk(LIN)).status_code for _ in range(most)]

    refused, of_somebody_else = ask(desk(LIN)), ask(desk(replace(LIN, id=2)))

    assert set(statuses) == {usual}
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert of_somebody_else.status_code == usual
