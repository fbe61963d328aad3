"""Routes that belong to no feature."""

from tests.walls.row import DONE, OPEN, SIGNED_IN, read, write

ROWS = {
    "GET /": read(OPEN),
    "GET /healthz": read(OPEN),
    "GET /readyz": read(OPEN),
    # Opened by a token of the settings, and as if it were not there without.
    "GET /metrics": read(OPEN, own=frozenset({404})),
    "GET /language": read(OPEN, own=DONE),
    "POST /looks": write(OPEN, sends={"theme": "dark"}),
    "GET /staff/help": read(SIGNED_IN),
    "GET /api/v1/docs": read(OPEN),
    "GET /api/v1/errors": read(OPEN),
    "GET /api/v1/errors.json": read(OPEN),
    "GET /api/v1/openapi.json": read(OPEN),
}

# Files: the same for everybody, and nothing in them is anybody's.
FILES = frozenset({"/static/<digest>/<path:name>", "/api/v1/docs/files/<path:filename>"})
