"""Every field by which the product takes something in, found and not listed: new routes are covered as they come.

Fields of addresses come from the URL map, those of operations from the OpenAPI document, those of pages from the forms
and links that the pages of the seeded world have.
"""

from collections import defaultdict
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.routing import PathConverter, UnicodeConverter

from tests.walls.conftest import PARAMETER
from tests.walls.table import TABLE

TEXTS = (UnicodeConverter, PathConverter)
SECRET = frozenset({"csrf_token"})
DEPTH = 6  # of schemas that hold each other


@dataclass(frozen=True, slots=True)
class Field:
    """One field: of the path, the query, or the body, there by the way to it, in which 0 is the first of a list."""

    where: str
    way: tuple[str | int, ...]

    def put(self, body, value):
        """Return a copy of the body that has the value there."""
        return _put(body, self.way, value)


def _put(body, way, value):
    if not way:
        return value
    first, *rest = way
    if isinstance(first, int):
        known = body if isinstance(body, list) and body else [None]
        return [_put(known[0], rest, value), *known[1:]]
    known = body if isinstance(body, dict) else {}
    return {**known, first: _put(known.get(first), rest, value)}


class Forms(HTMLParser):
    """The fields of the forms and links of pages, by method and path."""

    def __init__(self):
        super().__init__()
        self.found = defaultdict(set)
        self.page = self.form = None

    def read(self, page, text):
        self.page, self.form = page, None
        self.feed(text)
        self.close()
        self.reset()

    def handle_starttag(self, tag, attributes):
        told = dict(attributes)
        if tag == "form":
            action = urlsplit(told.get("action") or self.page).path or self.page
            self.form = ((told.get("method") or "get").upper(), action)
            self.found[self.form] |= set()
        elif tag in {"input", "select", "textarea", "button"} and told.get("name"):
            if self.form:
                self.found[self.form].add(told["name"])
        elif tag == "a" and told.get("href"):
            parts = urlsplit(told["href"])
            if not parts.netloc:
                self.found["GET", parts.path or self.page] |= {name for name, _ in parse_qsl(parts.query)}

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None


def rule_of(app, method, path):
    """The key of the route that a form or link leads to, or None."""
    try:
        rule, _ = app.url_map.bind("localhost").match(path, method=method, return_rule=True)
    except HTTPException:
        return None
    return f"{method} {rule.rule}"


def fields_of_pages(walls, asker_for):
    """The names of fields by the key of the route, as the pages of the world have them."""
    forms = Forms()
    for key, row in TABLE.items():
        method, path = key.split(" #")[0].split(" ")
        if method == "GET" and "/api/" not in path:
            answer = walls.ask(key, row, asker_for(path, row))
            if answer.mimetype == "text/html":
                forms.read(answer.request.path, answer.get_data(as_text=True))
    named = defaultdict(set)
    for (method, path), names in forms.found.items():
        key = rule_of(walls.app, method, path)
        if key is not None:
            named[key] |= names - SECRET
    return named


def fields_of_operations(app):
    """Ways to the fields by the key of the route, and where they stand, as the OpenAPI document has them."""
    document = app.test_client().get("/api/v1/openapi.json").json
    named = defaultdict(set)
    for key in TABLE:
        method, path = key.split(" #")[0].split(" ")
        operation = document["paths"].get(PARAMETER.sub(r"{\1}", path), {}).get(method.lower())
        if operation is None:
            continue
        for one in operation.get("parameters", ()):
            if one.get("in") == "query":
                named[key].add(Field("query", (one["name"],)))
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        named[key] |= {Field("body", way) for way in _leaves(content.get("schema", {}), document, DEPTH)}
    return named


def _leaves(schema, document, depth):
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    for each in ("anyOf", "oneOf", "allOf"):
        for one in schema.get(each, ()):
            yield from _leaves(one, document, depth)
    if depth and schema.get("properties"):
        for name, of in schema["properties"].items():
            yield from ((name, *way) for way in _leaves(of, document, depth - 1))
    elif depth and schema.get("items"):
        yield from ((0, *way) for way in _leaves(schema["items"], document, depth - 1))
    elif not {"anyOf", "oneOf", "allOf"} & set(schema):
        yield ()


def ways_into(body):
    """Ways to the texts and numbers of a body."""
    if isinstance(body, dict):
        return {(name, *way) for name, of in body.items() for way in ways_into(of)}
    if isinstance(body, list):
        return {(0, *way) for of in body[:1] for way in ways_into(of)}
    return {()}


def all_fields(walls, asker_for):
    """Return every field of every route, by the key of its row."""
    pages, operations = fields_of_pages(walls, asker_for), fields_of_operations(walls.app)
    rules = {rule.rule: rule for rule in walls.app.url_map.iter_rules()}
    found = {}
    for key, row in TABLE.items():
        method, path = key.split(" #")[0].split(" ")
        where = "query" if method == "GET" else "body"
        fields = {Field(where, (name,)) for name in pages[key.split(" #")[0]]} | operations[key]
        fields |= {Field("body", way) for way in ways_into(row.body(walls.world.things[row.of or "nothing"]["own"]))}
        converters = rules[path]._converters
        fields |= {Field("path", (name,)) for name, how in converters.items() if isinstance(how, TEXTS)}
        found[key] = sorted((one for one in fields if one.way), key=repr)
    return found
