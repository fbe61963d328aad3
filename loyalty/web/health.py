"""`/healthz` says that the process answers; `/readyz` that it can work: the database and the schema are there."""

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from loyalty.kernel.db import db
from loyalty.web.guards import open_to_all

pages = Blueprint("health", __name__)


@pages.get("/healthz")
@open_to_all
def alive() -> ResponseReturnValue:
    """Answer 200 as long as this process serves requests."""
    return Response("ok\n", mimetype="text/plain")


@pages.get("/readyz")
@open_to_all
def ready() -> ResponseReturnValue:
    """Answer 200 when the database answers and has a schema, 503 with what is missing otherwise."""
    try:
        revision = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except SQLAlchemyError:
        return jsonify(ready=False, missing="database"), 503
    return jsonify(ready=True, schema=revision)
