"""Templates for programs."""

from typing import Any

from loyalty.messaging import queries, service
from loyalty.messaging.queries import TemplateView
from loyalty.messaging.schemas import NewTemplateBody, NewVersionBody, TemplateList, TemplateVersionBody
from loyalty.messaging.service import TemplateDraft
from loyalty.web.api import ApiBlueprint
from loyalty.web.guards import guard
from loyalty.web.requests import current_actor, request_now

READ, MANAGE = "messages.read", "messages.manage"

operations = ApiBlueprint(
    "message_templates", __name__, url_prefix="/message-templates", description="Texts of messages, by version."
)


@operations.get("")
@guard(READ)
@operations.response(200, TemplateList)
def list_templates() -> dict[str, Any]:
    """List the templates with the version in use."""
    return {"items": [_json(view) for view in queries.templates()]}


@operations.get("/<name>")
@guard(READ)
@operations.response(200, TemplateVersionBody)
def read_template(name: str) -> dict[str, Any]:
    """Read a template with the version in use."""
    return _json(queries.template(name))


@operations.post("")
@guard(MANAGE)
@operations.arguments(NewTemplateBody)
@operations.response(201, TemplateVersionBody)
def create_template(asked: dict[str, Any]) -> dict[str, Any]:
    """Write a template; its first version is in use at once."""
    service.create_template(TemplateDraft(**asked), now=request_now(), by=current_actor())
    return _json(queries.template(asked["name"]))


@operations.put("/<name>")
@guard(MANAGE)
@operations.arguments(NewVersionBody)
@operations.response(200, TemplateVersionBody)
def write_version(asked: dict[str, Any], name: str) -> dict[str, Any]:
    """Write the next version of a template, in use at once; refused when another was written since."""
    service.write_version(name, **asked, now=request_now(), by=current_actor())
    return _json(queries.template(name))


def _json(view: TemplateView) -> dict[str, Any]:
    return {
        "name": view.name,
        "title": view.title,
        "purpose": view.purpose,
        "retired": view.retired,
        "version": view.number,
        "body": view.body,
    }
