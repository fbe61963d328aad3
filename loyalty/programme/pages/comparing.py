"""Two versions of the rules side by side."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from loyalty.kernel.errors import NotFound
from loyalty.programme import queries
from loyalty.programme.forms import number_of
from loyalty.programme.rules.forms import offered
from loyalty.programme.rules.forms.plainly import changes
from loyalty.programme.words import CHANGES, speaker
from loyalty.web.guards import guard
from loyalty.web.requests import request_now

blueprint = Blueprint("comparing", __name__, url_prefix="/staff/programme/compare", template_folder="../templates")


@blueprint.get("")
@guard("programme.read")
def compare() -> ResponseReturnValue:
    """Show what is different between two versions of a kind."""
    before = queries.version(number_of(request.args, "before"))
    after = queries.version(number_of(request.args, "after"))
    if before.kind != after.kind:
        raise NotFound
    return render_template(
        "programme/compare.html",
        before=before,
        after=after,
        others=queries.versions(kind=after.kind),
        changes=changes(after.kind, before.body, after.body),
        whole=bool(request.args.get("whole")),
        speak=speaker(offered(request_now())),
        change_names=CHANGES,
    )
