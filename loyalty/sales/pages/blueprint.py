"""The blueprint that the pages of sales share."""

from flask import Blueprint

blueprint = Blueprint("sales", __name__, url_prefix="/staff", template_folder="../templates")
