"""The JSON API: versioned blueprints, bearer tokens, one error body, and an OpenAPI document made from the code."""

from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any, TypeVar, cast

import orjson
from flask import Blueprint, Flask, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_smorest import Api
from flask_smorest import Blueprint as SmorestBlueprint
from marshmallow import Schema, fields

from loyalty.kernel.errors import Malformed, Sentence
from loyalty.kernel.keys import LONGEST_KEY, once
from loyalty.kernel.money import Money
from loyalty.web.guards import open_to_all
from loyalty.web.json_fields import AmountField, DayField, MomentField, PointsField, WholeField
from loyalty.web.requests import actor_or_none, current_actor

PREFIX = "/api/v1"

View = TypeVar("View", bound=Callable[..., Any])

PARAMETERS = "loyalty_parameters"  # the attribute of a view with the names that may stand behind the ? of its address

KEY_HEADER = "Idempotency-Key"
KEY_PARAMETER: Mapping[str, Any] = {
    "in": "header",
    "name": KEY_HEADER,
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
    "description": "The same key with the same body gives the first answer and has one effect; with another body it "
    "is refused.",
}


class ErrorBody(Schema):
    """What every answer of 400 and above holds."""

    code = fields.String(required=True, metadata={"description": "Stable; programs decide by it."})
    message = fields.String(required=True, metadata={"description": "For people, in the language asked for."})
    details = fields.Dict(metadata={"description": "Numbers and names of the message; fields with their errors."})


class EffectBody(Schema):
    """One thing that a call changed."""

    kind = fields.String(required=True)
    message = fields.String(required=True)
    numbers = fields.Dict(required=True)


class ApiBlueprint(SmorestBlueprint):  # type: ignore[misc]  # flask-smorest ships no types
    """The operations of one feature under /api/v1; each is documented with its errors and asks for a token."""

    def __init__(self, name: str, import_name: str, *, description: str, url_prefix: str = "") -> None:
        super().__init__(f"api_{name}", import_name, url_prefix=PREFIX + url_prefix, description=description)

    # flask-smorest's decorators return what they were given, with its documentation; typed here once for all features.

    def arguments(self, schema: Any, **options: Any) -> Callable[[View], View]:
        """Read the body (or query, by `location`) by `schema`."""
        if options.get("location") != "query":
            return _taking(super().arguments(schema, **options), frozenset())
        made: Schema = schema() if isinstance(schema, type) else schema  # or each request would make one
        return _taking(super().arguments(made, **options), _field_names(made))

    def response(self, status: int, schema: Any = None, **options: Any) -> Callable[[View], View]:
        """Answer with `status` and `schema`."""
        return cast("Callable[[View], View]", super().response(status, schema, **options))

    def alt_response(self, status: int, **options: Any) -> Callable[[View], View]:
        """Document another answer."""
        return cast("Callable[[View], View]", super().alt_response(status, **options))

    def doc(self, **words: Any) -> Callable[[View], View]:
        """Add `words` to the operation's documentation."""
        names = frozenset(one["name"] for one in words.get("parameters", ()) if one.get("in") == "query")
        return _taking(super().doc(**words), names)

    def takes_key(self, view: View) -> View:
        """Document that the operation takes an Idempotency-Key; see `answer_once`."""
        return self.doc(parameters=[KEY_PARAMETER])(view)

    def get(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Serve GET of `rule`."""
        return cast("Callable[[View], View]", self.route(rule, methods=["GET"], **options))

    def post(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Serve POST of `rule`."""
        return cast("Callable[[View], View]", self.route(rule, methods=["POST"], **options))

    def put(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Serve PUT of `rule`."""
        return cast("Callable[[View], View]", self.route(rule, methods=["PUT"], **options))

    def patch(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Serve PATCH of `rule`."""
        return cast("Callable[[View], View]", self.route(rule, methods=["PATCH"], **options))

    def delete(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Serve DELETE of `rule`."""
        return cast("Callable[[View], View]", self.route(rule, methods=["DELETE"], **options))


def _field_names(schema: Schema) -> frozenset[str]:
    return frozenset(field.data_key or name for name, field in schema.fields.items())


def _taking(decorate: Callable[[Any], Any], names: frozenset[str]) -> Callable[[View], View]:
    """Return a decorator that also notes which parameters the view takes; decorators around it keep the note."""

    def noted(view: View) -> View:
        made: View = decorate(view)
        setattr(made, PARAMETERS, _parameters(made) | names)
        return made

    return noted


def _parameters(view: Callable[..., Any]) -> frozenset[str]:
    names: frozenset[str] = getattr(view, PARAMETERS, frozenset())
    return names


def _refuse_unknown_parameters() -> None:
    """Refuse a parameter that the operation does not document: a misspelt filter must not answer as if it were none."""
    if not request.query_string or not isinstance(current_app.blueprints.get(request.blueprint or ""), ApiBlueprint):
        return
    known = _parameters(current_app.view_functions[request.endpoint or ""])
    unknown = [name for name in request.args if name not in known]
    if unknown and actor_or_none() is not None:  # who is not known is told that first
        names = ", ".join(sorted(known)) or "-"
        told = Sentence("There is no such parameter. Known here: {names}.", names=names)
        raise Malformed({name: [told] for name in unknown})


def _refuse_other_bodies() -> None:
    """Refuse a body that is not said to be JSON: where all fields may be left out, nobody would read it."""
    if not (request.content_length or "Transfer-Encoding" in request.headers) or request.is_json:
        return
    if isinstance(current_app.blueprints.get(request.blueprint or ""), ApiBlueprint) and actor_or_none() is not None:
        raise Malformed({"_": [Sentence("Send the body as JSON, with the header Content-Type: application/json.")]})


def answer_once(
    operation: str, body: object, work: Callable[[], dict[str, Any]], *, dry_run: bool = False
) -> dict[str, Any]:
    """Return the answer of `work`, once for the Idempotency-Key of this request; a dry run leaves the key unused."""
    key = request.headers.get(KEY_HEADER)
    if key is not None and not 0 < len(key) <= LONGEST_KEY:
        raise Malformed({KEY_HEADER: [Sentence("A key has 1 to {most} characters.", most=LONGEST_KEY)]})
    actor = current_actor()
    caller = f"{actor.kind}:{actor.id}"
    return once(None if dry_run else key, caller=caller, operation=operation, body=body, work=work)


class DocumentedApi(Api):  # type: ignore[misc]  # flask-smorest ships no types
    """The OpenAPI document; our own error table answers, so that every error has one body."""

    ERROR_SCHEMA = ErrorBody

    def _register_error_handlers(self) -> None:
        """Leave errors to web.errors."""


# The viewer's own files come from its package; its page is ours, so that the content policy holds.
pages = Blueprint(
    "api_docs",
    __name__,
    static_folder=str(files("flask_swagger_ui") / "dist"),
    static_url_path=PREFIX + "/docs/files",
)


@pages.get(PREFIX + "/docs")
@open_to_all
def docs() -> ResponseReturnValue:
    """Show the API's documentation."""
    return render_template("web/api_docs.html")


def configure(app: Flask) -> None:
    """Set what flask-smorest reads when it starts."""
    app.config.update(
        API_TITLE="Loyalty",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "security": [{"bearer": []}],
            "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
        },
    )


def init_app(app: Flask) -> DocumentedApi:
    """Return the Api of `app`, to which wiring.py adds the blueprints of the features."""
    configure(app)
    api = DocumentedApi()
    api.init_app(app)
    plugin = api.ma_plugin
    plugin.map_to_openapi_type(WholeField, "integer", "int64")
    plugin.map_to_openapi_type(PointsField, "integer", "int64")
    plugin.map_to_openapi_type(MomentField, "string", "date-time")
    plugin.map_to_openapi_type(DayField, "string", "date")
    plugin.converter.add_attribute_function(_amount_properties)
    app.register_blueprint(pages)
    app.before_request(_refuse_unknown_parameters)
    app.before_request(_refuse_other_bodies)
    return api


def _amount_properties(_converter: Any, field: fields.Field[Any], **_kwargs: Any) -> dict[str, Any]:
    if not isinstance(field, AmountField):
        return {}
    return {
        "type": "object",
        "required": ["minor", "currency"],
        "additionalProperties": False,
        "properties": {
            "minor": {"type": "integer", "format": "int64"} if field.signed else {"type": "integer", "minimum": 0},
            "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
        },
    }


def json_answer(body: Mapping[str, Any], status: int = 200) -> Response:
    """Return the answer of an operation that writes its body itself; moments and days stand in ISO 8601."""
    return Response(orjson.dumps(body, default=str), status, mimetype="application/json")


def money_json(amount: Money) -> dict[str, Any]:
    """Return the amount as the API writes it."""
    return {"minor": amount.minor, "currency": amount.currency}
