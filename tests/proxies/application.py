"""The guarded application: records each request as it arrived, and answers with what it saw."""

import base64
import hashlib
import json
import re
import socketserver
import threading

from wire import Message, read_body, read_head

IDENTITY = ("Authorization", "Remote-User", "Gatelodge-User-Id", "Gatelodge-Session-Id", "Gatelodge-Roles")


def folded(name: str) -> str:
    """Returns the form in which a careless framework compares names of headers."""
    return re.sub("[^a-z0-9]", "-", name.lower())


def is_protected(name: str) -> bool:
    """Returns whether a header's name, in any spelling, is one that only the gate may set."""
    return folded(name) in ("authorization", "remote-user") or folded(name).startswith(("gatelodge-", "x-auth-"))


class Application:
    """A server on a free port. `requests` has all requests since the last `forget`."""

    def __init__(self):
        application = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                while (request := read_head(self.rfile)) is not None:
                    application.answer(self, request)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, request, client_address):
                """A proxy may end a connection at any time."""

        self.requests: list[Message] = []
        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, handler, request: Message) -> None:
        if request.all("upgrade"):
            self.requests.append(request)
            key = request.one("sec-websocket-key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
            accept = base64.b64encode(hashlib.sha1(key.encode()).digest())
            head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: %s\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n"
            handler.wfile.write(head % (request.one("upgrade").encode(), accept))
            handler.wfile.write(b"echo " + handler.rfile.readline())
            return
        read_body(handler.rfile, request)
        self.requests.append(request)
        method, target, _ = request.start.split(" ")
        status = re.match(r"/(?:admin/)?status/(\d+)$", target)
        body = json.dumps(
            {"method": method, "target": target, "length": len(request.body), "sha256": hashlib.sha256(request.body).hexdigest()}
        ).encode()
        # nginx then answers with another of its locations, also with one that is `internal`.
        redirect = b"X-Accel-Redirect: %s\r\n" % target[6:].encode() if target.startswith("/accel/") else b""
        handler.wfile.write(
            b"HTTP/1.1 %d Whatever\r\nContent-Type: application/json\r\nAccess-Control-Allow-Origin: *\r\nX-Of: application\r\n"
            b"Content-Length: %d\r\n%s\r\n" % (int(status[1]) if status else 200, len(body), redirect) + (b"" if method == "HEAD" else body)
        )

    def forget(self) -> None:
        self.requests.clear()

    def last(self) -> Message:
        assert self.requests, "nothing reached the application"
        return self.requests[-1]


def identity(request: Message) -> dict[str, str]:
    """Returns the identity headers of a request. Fails if one is there twice, or in another spelling."""
    found = {}
    for name, value in request.headers:
        if is_protected(name):
            canonical = next((known for known in IDENTITY if known.lower() == name.lower()), None)
            assert canonical, f"{name}: {value} reached the application"
            assert canonical not in found, f"{name} reached the application twice"
            found[canonical] = value
    return found
