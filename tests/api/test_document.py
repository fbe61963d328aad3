"""The OpenAPI document: valid, whole, and what the server answers."""

import os

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.conftest import VIN

LONG = os.environ.get("LOYALTY_HYPOTHESIS") == "long"
EXAMPLES = 2_000 if LONG else 8
CHECKED = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
KNOWN = {"source": "core", "number": "S-1"}
UNSAFE = {"post", "put", "patch", "delete"}


@pytest.fixture
def document(client):
    return client.get("/api/v1/openapi.json").json


def operations(document):
    return [
        (method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    ]


def test_every_operation_says_what_it_does_and_how_it_is_refused(document):
    listed = operations(document)

    assert document["openapi"].startswith("3.1")
    assert len(listed) > 30
    for method, path, operation in listed:
        assert operation["summary"], (method, path)
        assert "default" in operation["responses"], (method, path)
        assert any(status.startswith("2") for status in operation["responses"]), (method, path)
    error = document["components"]["responses"]["DEFAULT_ERROR"]["content"]["application/json"]["schema"]
    assert error == {"$ref": "#/components/schemas/ErrorBody"}


def test_every_schema_is_one_by_the_standard(document):
    for name, schema in document["components"]["schemas"].items():
        assert jsonschema_rs.meta.is_valid({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}), name
        jsonschema_rs.validator_for({"$ref": f"#/components/schemas/{name}", "components": document["components"]})


def test_what_moves_points_or_money_takes_a_key(document):
    keyed = {
        (method, path)
        for method, path, operation in operations(document)
        if any(one.get("name") == "Idempotency-Key" for one in operation.get("parameters", []))
    }
    moving = {
        (method, path)
        for method, path, _ in operations(document)
        if method in UNSAFE and path.startswith(("/api/v1/sales", "/api/v1/members"))
    }

    assert moving
    assert moving <= keyed


def test_every_operation_answers_as_its_document_says_whatever_it_is_sent(app, program, member):
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)

    wrong = [answer for each in schema.get_all_operations() for answer in hurl(each.ok(), program, member)]

    assert wrong == []


def test_a_failing_answer_is_found(app, program, member, monkeypatch):
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    monkeypatch.setattr("loyalty.sales.queries.sales_page", None)

    assert "Server error" in hurl(schema["/api/v1/sales"]["GET"], program, member)[0]


def hurl(operation, program, member):
    """Return the wrong answers to requests made from the operation's own schemas: errors of the server, other
    statuses and bodies than documented. Where the address names something, it names what is there.
    """  # fmt: skip
    known = KNOWN if "{source}" in operation.path else {"vin": VIN, "number": member}

    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.generate],
        deadline=None,
        derandomize=not LONG,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def tried(case):
        case.headers = {**(case.headers or {}), **program.headers}
        case.path_parameters = {name: known.get(name, value) for name, value in (case.path_parameters or {}).items()}
        answer = program.client.open(**case.as_transport_kwargs())
        case.validate_response(answer, checks=CHECKED)

    try:
        tried()
    except FailureGroup as failures:
        return [f"{operation.label}: {failure}" for failure in failures.exceptions]
    return []
