"""The blueprint of the pages of tasks."""

from flask import Blueprint

blueprint = Blueprint("tasks", __name__, url_prefix="/staff", template_folder="../templates")
