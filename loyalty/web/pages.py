"""Pages that belong to no feature: the front door, choices about looks, help."""

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from loyalty.web.guards import open_to_all, signed_in
from loyalty.web.languages import COOKIE, YEAR, html_language, matching
from loyalty.web.looks import CHOICES, own_address

blueprint = Blueprint("web", __name__, template_folder="templates")


@blueprint.get("/")
@open_to_all
def front() -> str:
    """Show the two doors: owners and staff."""
    return render_template("web/front.html")


@blueprint.get("/language")
@open_to_all
def choose_language() -> BaseResponse:
    """Keep the language `to` and go back to the page `next`."""
    answer = redirect(own_address(request.args.get("next"), "/"), 303)
    language = matching(request.args.get("to"))
    if language:
        _keep(answer, COOKIE, html_language(language))
    return answer


@blueprint.post("/looks")
@open_to_all
def choose_looks() -> BaseResponse:
    """Keep the theme, size or keys that the form names, and go back to the page `next`; other values change nothing."""
    answer = redirect(own_address(request.form.get("next"), "/"), 303)
    for name, choices in CHOICES.items():
        if request.form.get(name) in choices:
            _keep(answer, name, request.form[name])
    return answer


@blueprint.get("/staff/help")
@signed_in
def help_page() -> str:
    """Show the keys and the words of the product."""
    return render_template("web/help.html")


def _keep(answer: BaseResponse | Response, name: str, value: str) -> None:
    answer.set_cookie(name, value, max_age=YEAR, samesite="Lax", secure=request.is_secure)
