"""Headers of every answer: what a page may load, who may frame it, what may be kept."""

from flask import Flask, Response, request

CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
TWO_YEARS = 63_072_000

ALWAYS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    # The own site alone learns where a reader came from: addresses name customers.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
}


def protect(answer: Response) -> Response:
    """Add the headers that are missing; what a view has set itself stays."""
    present = {name.lower() for name, _ in answer.headers}
    for name, value in ALWAYS.items():
        if name.lower() not in present:
            answer.headers.add(name, value)
    if request.is_secure:
        answer.headers.setdefault("Strict-Transport-Security", f"max-age={TWO_YEARS}; includeSubDomains")
    # Only static files say how long they may be kept. Pages, bodies and downloads show people's data and are never
    # kept, whatever the library that made the answer proposes.
    if "max-age" not in answer.headers.get("Cache-Control", ""):
        answer.headers["Cache-Control"] = "no-store"
    return answer


def init_app(app: Flask) -> None:
    """Protect every answer."""
    app.after_request(protect)
