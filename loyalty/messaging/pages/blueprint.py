"""Where the pages of messages are, and what they share."""

from flask import Blueprint

READ, SEND, MANAGE = "messages.read", "messages.send", "messages.manage"

blueprint = Blueprint("messages", __name__, url_prefix="/staff/messages", template_folder="../templates")
UNREADABLE, CONFLICT = 422, 409
