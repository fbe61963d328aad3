"""The bare Flask views of the limit: each makes one SQL call. Served by the same gunicorn as the product."""

import hashlib
import json
import os
import threading
from datetime import UTC, datetime

import psycopg
from flask import Flask, Response, request

app = Flask(__name__)
_kept = threading.local()


def ask(sql, *values):
    """Return the one JSON value of a statement, over the connection that this thread keeps."""
    if not hasattr(_kept, "connection"):
        _kept.connection = psycopg.connect(os.environ["LIMIT_URL"], autocommit=True)
    return _kept.connection.execute(sql, values, prepare=True).fetchone()[0]


def token():
    """Return the hash of the caller's token."""
    return hashlib.sha256(request.headers["Authorization"].removeprefix("Bearer ").encode()).digest()


def answered(value):
    """Return the JSON answer; a refusal, which has a code, or nothing at all is an error."""
    refused = not value or "code" in value
    return Response(json.dumps(value), status=409 if refused else 200, mimetype="application/json")


@app.get("/healthz")
def health():
    return "ok"


@app.post("/api/v1/sales")
def record_sale():
    raw = request.get_data()
    body = json.dumps(json.loads(raw))
    at = datetime.now(UTC)  # noqa: TID251 - the limit has no edge above it
    return answered(ask("SELECT record_sale(%s, %s::jsonb, %s, %s)", token(), body, hashlib.sha256(raw).digest(), at))


@app.post("/api/v1/sales:batch")
def record_sales():
    body = json.dumps(request.get_json()["sales"])
    at = datetime.now(UTC)  # noqa: TID251 - as above
    return answered(ask("SELECT record_sales(%s, %s::jsonb, %s)", token(), body, at))


@app.get("/api/v1/members/<number>/points")
def points(number):
    at = datetime.now(UTC)  # noqa: TID251 - as above
    return answered(ask("SELECT summary(%s, %s, %s)", token(), number, at))


@app.get("/api/v1/customers")
def customers():
    return answered(ask("SELECT customers_page(%s)", token()))
