"""Every page of the URL map in real Chromium, in both languages: axe finds nothing, and nothing is wider than a phone.

The pages come from the URL map by way of the walls table, so a new page is looked at without being named here. They
are asked for once, and a server of their own hands them to the browser, which keeps the style sheets they share.
"""

import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from tests.fixtures.browsers import DESK, PHONE, faults
from tests.walls.conftest import PARAMETER, seeded
from tests.walls.row import OPEN
from tests.walls.table import TABLE
from tests.walls.test_walls import routes

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ASKERS = ("manager of all stores", "administrator of all stores", "owner")
LOOKS = {"zh-CN": (DESK, False), "en": (PHONE, True)}
REDIRECTS = {301, 302, 303}
FEWEST = 90
LINKED = re.compile(r'(?:href|src)="(/static/[^"]+)"')


@dataclass
class Shelf:
    """Answers by address, handed out by a server."""

    kept: dict = field(default_factory=dict)

    def keep(self, address, answer, **headers):
        kind = answer.content_type
        self.kept[address] = Response(answer.get_data(), answer.status_code, headers, content_type=kind)

    def __call__(self, environ, start_response):
        return self.kept.get(environ["PATH_INFO"], Response(status=404))(environ, start_response)

    @contextmanager
    def served(self):
        """Give the address of the server."""
        server = make_server("127.0.0.1", 0, self, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def pages(walls, language):
    """Ask for each GET route as somebody it lets in; return the pages among the answers by their keys."""
    people = {asker.name: asker for asker in walls.askers}
    found = {}
    for key in sorted(set(routes(walls.app)) & set(TABLE)):
        row, (method, address) = TABLE[key], key.split(" ")
        if method != "GET" or (address.startswith("/api/") and row.needs != OPEN):
            continue
        asker = (
            people["nobody"]
            if row.needs == OPEN
            else next(people[name] for name in (*ASKERS, *people) if people[name].may(row))
        )
        target = walls.world.things[row.of or "nothing"]["own"]
        path = PARAMETER.sub(lambda found, target=target: quote(str(target[found[1]])), f"{address}?{row.query}")
        answer = walls.send(asker, path=path, headers={"Accept-Language": language})
        if answer.mimetype == "text/html" and answer.status_code not in REDIRECTS:
            found[key] = answer
    return found


@pytest.fixture(scope="module")
def answers(app, test_clock):
    """The pages in each language, asked for before a browser takes its time: the database ends who idles."""
    with seeded(app, test_clock) as walls:
        return {language: pages(walls, language) for language in LOOKS}


@pytest.fixture
def files(app):
    """Return a function that gives a file that a page links."""
    return cache(lambda name: FlaskClient(app).get(name))


@pytest.fixture
def window(browser):
    """Return a function that opens a window on a site."""
    contexts = []

    def opened(site, size, *, dark):
        scheme = "dark" if dark else "light"
        contexts.append(browser.new_context(base_url=site, viewport=size, color_scheme=scheme, reduced_motion="reduce"))
        return contexts[-1].new_page()

    yield opened
    for context in contexts:
        context.close()


def complaints(window, files, found, language):
    """Return what is wrong with the pages, by their keys."""
    shelf = Shelf()
    for name in {name for answer in found.values() for name in LINKED.findall(answer.get_data(as_text=True))}:
        shelf.keep(name, files(name), **{"Cache-Control": "max-age=3600"})
    size, dark = LOOKS[language]
    wrong = {}
    with shelf.served() as site:
        page = window(site, size, dark=dark)
        for place, (key, answer) in enumerate(found.items()):
            shelf.keep(f"/{place}", answer)
            page.goto(f"/{place}")
            said = faults(page, f"every-{language}-{re.sub(r'[^a-z]+', '-', key.lower())}")
            if said or answer.status_code not in TABLE[key].own:
                wrong[key] = [answer.status_code, *said]
    return wrong


@pytest.mark.parametrize("language", LOOKS)
def test_every_page_is_in_order(window, files, answers, language):
    found = answers[language]

    assert len(found) > FEWEST
    assert [key for key, answer in found.items() if f'<html lang="{language}"' not in answer.text] == []
    assert complaints(window, files, found, language) == {}


def test_a_fault_of_any_page_is_found_out(window, files, answers):
    """The negative control: too wide for a phone, and a picture without a text."""
    key = "GET /staff/roles"
    fault = '<img src="/static/x.png"><p class="text-nowrap">' + "wide " * 99 + "</p></main>"
    answer = Response(answers["en"][key].text.replace("</main>", fault), content_type="text/html; charset=utf-8")

    said = complaints(window, files, {key: answer}, "en")[key]

    assert any(str(line).startswith("image-alt") for line in said)
    assert "wider than the window" in said
