"""Every answer of every route, errors included, has the headers of the house, and no page holds what they forbid."""

import re

import pytest

from loyalty.web.headers import ALWAYS, CONTENT_POLICY, protect
from tests.walls.table import TABLE

EXPECTED = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# What the content policy would not run, so that a page that has it is broken.
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE)
STRANGE = ("/nowhere", "/staff/nowhere", "/my/nowhere", "/api/v1/nowhere", "/static/0/none.css", "/staff/%00")


def lacking(answer):
    """What an answer lacks of the headers, and has of what is forbidden."""
    told = [name for name, value in ALWAYS.items() if answer.headers.get(name) != value]
    if answer.headers.get("Cache-Control") != "no-store":
        told.append("Cache-Control")
    told += [f"cookie {cookie}" for cookie in answer.headers.getlist("Set-Cookie") if loose(cookie)]
    if answer.mimetype == "text/html":
        told += INLINE.findall(answer.get_data(as_text=True))
    return told


def loose(cookie):
    """Whether a cookie of a sign-in could be read by scripts or sent along by other sites."""
    return cookie.startswith(("loyalty-", "__Host-")) and not ("HttpOnly" in cookie and "SameSite=Lax" in cookie)


def test_the_policy_is_the_one_of_the_house():
    assert CONTENT_POLICY == EXPECTED


@pytest.mark.parametrize("name", ["nobody", "manager of all stores", "owner"])
def test_every_route_answers_with_the_headers_whoever_asks(walls, name):
    asker = next(one for one in walls.askers if one.name == name)
    wrong = {}
    for key, row in TABLE.items():
        # Who is let in gets a page, and what is not there an error; the others get one error after another.
        found = lacking(walls.ask(key, row, asker, "own" if asker.may(row) or row.of is None else "missing"))
        if found:
            wrong[key] = found

    assert wrong == {}


@pytest.mark.parametrize("path", STRANGE)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
def test_what_is_not_served_answers_with_the_headers(walls, path, method):
    assert lacking(walls.app.test_client().open(path, method=method)) == []


def test_errors_of_our_own_have_them_too(walls, monkeypatch):
    monkeypatch.setattr("loyalty.web.pages.render_template", None)
    monkeypatch.setitem(walls.app.config, "PROPAGATE_EXCEPTIONS", False)

    answer = walls.app.test_client().get("/")

    assert (answer.status_code, lacking(answer)) == (500, [])


def test_over_https_browsers_are_told_to_stay_there(walls):
    secure = walls.app.test_client().get("/", base_url="https://localhost")
    plain = walls.app.test_client().get("/")

    assert "max-age=63072000" in secure.headers["Strict-Transport-Security"]
    assert "Strict-Transport-Security" not in plain.headers


def test_without_the_hook_the_headers_would_be_missed(walls, monkeypatch):
    """The negative control."""
    hooks = walls.app.after_request_funcs[None]
    monkeypatch.setitem(walls.app.after_request_funcs, None, [hook for hook in hooks if hook is not protect])

    assert set(lacking(walls.app.test_client().get("/"))) == {*ALWAYS, "Cache-Control"}
