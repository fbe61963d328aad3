"""Where the pages of links are, and what they share."""

from dataclasses import replace

from flask import Blueprint

from loyalty.kernel.errors import Malformed
from loyalty.links import queries
from loyalty.links.queries import LinkView
from loyalty.web.forms import Filled
from loyalty.web.languages import say_line
from loyalty.web.requests import current_actor

READ, MANAGE = "links.read", "links.manage"

blueprint = Blueprint("links", __name__, url_prefix="/staff/links", template_folder="../templates")


def visible_link(code: str) -> LinkView:
    """Return a link that the reader may see; UnknownLink otherwise."""
    return queries.link_by_code(code, current_actor())


def told(filled: Filled, problem: Malformed) -> Filled:
    """Return a form with the errors of a problem, in the reader's language."""
    names = {"url": "url_with_password"}
    errors = {names.get(place, place): [say_line(line) for line in lines] for place, lines in problem.errors.items()}
    return replace(filled, errors=errors)
