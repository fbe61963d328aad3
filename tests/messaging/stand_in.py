"""A server on this machine that stands in for a provider: it answers as it is told, and keeps what it was asked."""

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class StandIn:
    """What it is to answer: `answers` by the beginning of the path, each a status with a body, or a misdeed."""

    url: str = ""
    answers: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)

    def answer(self, path):
        return next((one for start, one in self.answers.items() if path.startswith(start)), (404, {}))


@contextmanager
def standing_in():
    one = StandIn()
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def do_POST(self):
            length = int(self.headers.get("Content-Length") or 0)
            one.asked.append((self.path, dict(self.headers), self.rfile.read(length)))
            status, body, *misdeed = one.answer(self.path)
            text = body if isinstance(body, bytes) else json.dumps(body).encode()
            if "cut" in misdeed:
                self.close_connection = True
                return
            self.send_response(status)
            if "redirected" in misdeed:
                self.send_header("Location", f"{one.url}/elsewhere")
            self.send_header("Content-Length", str(len(text) + (100 if "short" in misdeed else 0)))
            self.end_headers()
            if "slow" in misdeed:
                for byte in text:
                    if over.wait(0.2):
                        return
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                return
            self.wfile.write(text)
            self.close_connection = "short" in misdeed

        do_GET = do_POST  # noqa: N815 - the name that the library looks for

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    one.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield one
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()
