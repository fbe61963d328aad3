"""The blueprint of members' pages."""

from flask import Blueprint

blueprint = Blueprint("members", __name__, url_prefix="/staff/members", template_folder="../templates")
