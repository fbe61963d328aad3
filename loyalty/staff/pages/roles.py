"""What each role may do, and who holds it."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from loyalty.kernel.clock import day_at
from loyalty.staff import queries
from loyalty.staff.rules import FACTOR_ROLES
from loyalty.staff.rules import ROLES as PERMISSIONS_OF
from loyalty.staff.words import PERMISSIONS, ROLES, permission_word
from loyalty.web.guards import guard
from loyalty.web.requests import request_now

blueprint = Blueprint("roles", __name__, url_prefix="/staff/roles", template_folder="../templates")

_GROUP_ZONE = "Asia/Shanghai"


@blueprint.get("")
@guard("accounts.manage")
def list_roles() -> ResponseReturnValue:
    """Show every role with its permissions in words, and the people who hold it now or later."""
    held = queries.holders(day_at(request_now(), _GROUP_ZONE))
    roles = [
        (
            role,
            title,
            [words for name, words in PERMISSIONS.items() if name in PERMISSIONS_OF[role]],
            held.get(role, []),
        )
        for role, title in ROLES.items()
    ]
    return render_template("staff/roles.html", roles=roles, with_factor=FACTOR_ROLES)


blueprint.add_app_template_filter(permission_word)
