"""The OpenAPI document: valid and whole; that the server answers as it says, tests/walls/test_answers.py shows."""

import jsonschema_rs
import pytest

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
