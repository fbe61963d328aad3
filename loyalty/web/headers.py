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
    # Only static files say how long they may be kept; pages and bodies show people's data and are never kept.
    "Cache-Control": "no-store",
}


def protect(answer: Response) -> Response:
    """Add the headers that are missing; what a view has set itself stays."""
    present = {name.lower() for name, _ in answer.headers}
    for name, value in ALWAYS.items():
        if name.lower() not in present:
            answer.headers.add(name, value)
    if request.is_secure:
        answer.headers.setdefault("Strict-Transport-Security", f"max-age={TWO_YEARS}; includeSubDomains")
    return answer


def init_app(app: Flask) -> None:
    """Protect every answer."""
    app.after_request(protect)
