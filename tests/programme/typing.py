"""A page's form as a browser would send it."""

from html.parser import HTMLParser


class FormReader(HTMLParser):
    """Reads what a browser would send of the form that posts to an address: (name, value) pairs in their order."""

    def __init__(self, action):
        super().__init__()
        self.action = action
        self.pairs = []
        self._inside = False
        self._select = None
        self._area = None

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self._inside = given.get("action") == self.action
        elif self._inside and tag == "input":
            self._input(given)
        elif self._inside and tag == "select":
            self._select = (given["name"], None)
        elif self._select and tag == "option" and (self._select[1] is None or "selected" in given):
            self._select = (self._select[0], given["value"])
        elif self._inside and tag == "textarea":
            self._area = [given["name"], ""]

    def _input(self, given):
        kind = given.get("type", "text")
        if kind in {"checkbox", "radio"} and "checked" not in given:
            return
        if kind != "file":
            self.pairs.append((given["name"], given.get("value") or ""))

    def handle_data(self, data):
        if self._area:
            self._area[1] += data

    def handle_endtag(self, tag):
        if tag == "form":
            self._inside = False
        elif tag == "select" and self._select:
            self.pairs.append(self._select)
            self._select = None
        elif tag == "textarea" and self._area:
            self.pairs.append((self._area[0], self._area[1].removeprefix("\n")))
            self._area = None


def typed_in(html, action):
    """Return what the form of a page would send, as lists by name."""
    reader = FormReader(action)
    reader.feed(html)
    found = {}
    for name, value in reader.pairs:
        found.setdefault(name, []).append(value)
    return found
