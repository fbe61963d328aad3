"""Static files: read and compressed once at start, served under addresses that carry their hash, cached for ever.

An address whose hash is not the file's is not found, so a stale page never gets new styles under an old name.
"""

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

from flask import Flask, Response, abort, current_app, request

from loyalty.web.compression import takes_gzip
from loyalty.web.guards import open_to_all

FOLDER = Path(__file__).parent / "static"
BOOTSTRAP = "bootstrap/css/bootstrap.min.css"
FOR_EVER = "public, max-age=31536000, immutable"
HASH_LENGTH = 16

_DARK_RULE = re.compile(r"([^{}]*\[data-bs-theme=\"?dark\"?\][^{}]*)\{([^{}]*)\}")
_DARK = re.compile(r"\[data-bs-theme=\"?dark\"?\]")
_REMARK = re.compile(r"/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served: its `body`, the same `packed` by gzip, and its address, which carries the hash."""

    name: str
    body: bytes
    packed: bytes
    digest: str
    mimetype: str
    address: str


def make_asset(name: str, body: bytes) -> Asset:
    """Return `body` ready to be served as `name`."""
    digest = hashlib.sha256(body).hexdigest()[:HASH_LENGTH]
    return Asset(
        name=name,
        body=body,
        packed=gzip.compress(body, mtime=0),
        digest=digest,
        mimetype=mimetypes.guess_type(name)[0] or "application/octet-stream",
        address=f"/static/{digest}/{quote(name)}",
    )


def follow_the_device(css: str) -> str:
    """Return `css` with its dark rules repeated for the theme "auto" on devices that prefer dark.

    Bootstrap knows light and dark only and leaves "auto" to a script; repeated like this it needs none, and the page
    never flashes in the wrong colours.
    """
    plain = _REMARK.sub("", css)
    rules = [
        f"{_DARK.sub('[data-bs-theme=auto]', selector).strip()}{{{body}}}"
        for selector, body in _DARK_RULE.findall(plain)
    ]
    if not rules:
        return css
    return f"{css}\n@media (prefers-color-scheme:dark){{{''.join(rules)}}}\n"


def bootstrap_folder() -> Path:
    """Return where the installed package keeps the Bootstrap it ships."""
    return Path(str(files("flask_bootstrap"))) / "static" / "bootstrap5"


def publish(app: Flask, name: str, body: bytes) -> None:
    """Serve `body` as the static file `name`; a style sheet also follows the device's theme."""
    if name.endswith(".css"):
        body = follow_the_device(body.decode()).encode()
    app.extensions["loyalty.assets"][name] = make_asset(name, body)


def static_url(name: str) -> str:
    """Return the address of the static file `name`; a KeyError when there is none, as it is a slip in a template."""
    asset: Asset = current_app.extensions["loyalty.assets"][name]
    return asset.address


@open_to_all
def serve(digest: str, name: str) -> Response:
    """Return the file, packed where the client takes gzip, or 304 when it has it."""
    asset: Asset | None = current_app.extensions["loyalty.assets"].get(name)
    if asset is None or asset.digest != digest:
        abort(404)
    packs = takes_gzip(request.headers) and len(asset.packed) < len(asset.body)
    answer = Response(asset.packed if packs else asset.body, mimetype=asset.mimetype)
    if packs:
        answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Cache-Control"] = FOR_EVER
    answer.headers["Vary"] = "Accept-Encoding"
    answer.set_etag(f"{asset.digest}{'-gz' if packs else ''}")
    answer.make_conditional(request)
    return answer


def init_app(app: Flask) -> None:
    """Read all static files and serve them below /static/."""
    app.extensions["loyalty.assets"] = {}
    for path in sorted(FOLDER.rglob("*")):
        if path.is_file():
            publish(app, path.relative_to(FOLDER).as_posix(), path.read_bytes())
    sheet = (bootstrap_folder() / "css" / "bootstrap.min.css").read_text()
    sheet = re.sub(r"/\*# sourceMappingURL=.*?\*/", "", sheet)  # the map is not served
    publish(app, BOOTSTRAP, sheet.encode())
    app.add_url_rule("/static/<digest>/<path:name>", "asset", serve)
    app.add_template_global(static_url)
