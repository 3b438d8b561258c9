"""Checks answers and bodies: redirects, preflights, 503, errors of the application, large bodies, WebSocket."""

import hashlib
import os
import signal
import socket
import urllib.parse

from application import identity
from guarded_site import Site, expect, refused
from http2 import open_websocket
from wire import TIMEOUT

# The cookie of a session that never was.
UNSEEN = "gatelodge=" + "A" * 43


def a_navigation_is_sent_to_the_login_page(site: Site) -> None:
    """The policy of /admin is one with `redirect = true`."""
    target = "/admin/page?a=1&b=%20c"
    for mode, wanted in (("navigate", 303), ("cors", 401), ("no-cors", 401), ("same-origin", 401), (None, 401)):
        forged = [(f"X-Forwarded-{name}", "//evil.example") for name in ("Host", "Uri", "Proto")]
        answer = site.client.get(target, [*forged, *([("Sec-Fetch-Mode", mode)] if mode else [])])
        refused(site, answer, wanted, what=f"Sec-Fetch-Mode: {mode}")
        if wanted == 401:
            expect((answer.code(), answer.one("location")), ("UNAUTHENTICATED", None))
            continue
        login, _, query = answer.one("location").partition("?")
        expect(login, site.gate.origin + "/login")
        expect(urllib.parse.parse_qs(query), {"return_to": [site.gate.origin + target]})
        expect(answer.one("cache-control"), "no-store")
    expect(site.client.get(target, [("Sec-Fetch-Mode", "navigate")], site.user).status, 200)


def a_preflight_reaches_the_application(site: Site) -> None:
    """The policy of /admin is one with `preflight = "pass"`."""
    preflight = [("Origin", "https://other.example"), ("Access-Control-Request-Method", "POST")]
    answer = site.client.send("OPTIONS", "/admin/page", preflight)
    expect((answer.status, answer.one("x-of"), answer.one("access-control-allow-origin")), (200, "application", "*"))
    site.application.forget()
    refused(site, site.client.send("OPTIONS", "/admin/page"), 401, what="OPTIONS that is no preflight")
    refused(site, site.client.send("POST", "/admin/page", preflight, b"x"), 403, what="POST that pretends")
    refused(site, site.client.send("GET", "/admin/page", preflight), 401, what="GET that pretends")
    forged = [*preflight, ("X-Forwarded-Method", "OPTIONS")]
    refused(site, site.client.send("GET", "/admin/page", forged), 401, what="GET that pretends by X-Forwarded-Method")


def errors_of_the_application_pass_as_they_are(site: Site) -> None:
    for status in (400, 401, 403, 404, 500, 502, 503):
        answer = site.client.get(f"/status/{status}", cookie=site.user)
        expect((answer.status, answer.one("x-of")), (status, "application"))
        expect(answer.json()["target"], f"/status/{status}")


def bodies_pass_unharmed(site: Site) -> None:
    own = [("Origin", site.gate.origin), ("Content-Type", "application/octet-stream")]
    for size in (0, 1, 10_000, 10_000_000):
        body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
        answer = site.client.send("POST", "/upload", own, body, site.user)
        expect(answer.status, 200, f"{size} bytes")
        expect((answer.json()["method"], answer.json()["length"]), ("POST", size))
        expect(answer.json()["sha256"], hashlib.sha256(body).hexdigest())
    site.application.forget()
    answer = site.client.send("POST", "/upload", own, b"x" * 10_000_000)
    refused(site, answer, 401, what="10 MB of a stranger")
    # Caddy 2.11.7 reads the body before any answer of its own, so this would take as long as its client likes.
    if site.proxy.kind == "caddy":
        return
    # The answer to a stranger does not wait for a body that never comes.
    with socket.create_connection(("127.0.0.1", site.client.port), TIMEOUT) as connection:
        head = f"POST /upload HTTP/1.1\r\nHost: {site.client.host}\r\nContent-Length: 10000000\r\n\r\n"
        connection.sendall(head.encode())
        refused(site, site.client.receive(connection), 401, what="10 MB that are not sent")


def kept_connections_do_not_mix_users(site: Site) -> None:
    expected = {cookie: site.gate.identity("/forward-auth", cookie)["Remote-User"] for cookie in (site.user, site.admin)}
    with socket.create_connection(("127.0.0.1", site.client.port), TIMEOUT) as connection:
        for cookie in [site.user, site.admin, ""] * 5:
            connection.sendall(f"GET /page HTTP/1.1\r\nHost: {site.client.host}\r\nCookie: {cookie}\r\n\r\n".encode())
            answer = site.client.receive(connection)
            expect(answer.status, 200 if cookie else 401, cookie)
            if cookie:
                expect(site.application.last().one("remote-user"), expected[cookie])


def upgrade(site: Site, cookie: str, *protocols: str, connection_header: str = "Upgrade", origin: str | None = None):
    """Sends a handshake, from the site's own origin by default. Returns the connection and the answer."""
    connection = socket.create_connection(("127.0.0.1", site.client.port), TIMEOUT)
    head = f"GET /socket HTTP/1.1\r\nHost: {site.client.host}\r\nOrigin: {origin or site.gate.origin}\r\nCookie: {cookie}\r\n"
    head += "".join(f"Upgrade: {protocol}\r\n" for protocol in protocols) + f"Connection: {connection_header}\r\n"
    head += "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    connection.sendall(head.encode())
    return connection, site.client.receive(connection)


def another_site_cannot_open_a_websocket(site: Site) -> None:
    """Old browsers send the cookie and no Sec-Fetch header with the handshake of another site (cross-site WebSocket hijacking)."""
    for origin in ("https://evil.example", "null", f"{site.gate.origin}.evil.example"):
        for protocol in ("websocket", "WebSocket"):
            connection, answer = upgrade(site, site.user, protocol, origin=origin)
            connection.close()
            refused(site, answer, 403, what=f"a WebSocket from {origin}")
    connection, answer = upgrade(site, site.user, "websocket")
    connection.close()
    expect(answer.status, 101, "a WebSocket from the own origin")


def another_site_cannot_open_a_websocket_over_http2(site: Site) -> None:
    open_websocket(site.client.port, site.client.host, "https://evil.example", site.user)
    expect(site.application.requests, [], "requests of another site")
    open_websocket(site.client.port, site.client.host, site.gate.origin, site.user)
    # The others do not open WebSockets over HTTP/2, or not without TLS.
    expect(len(site.application.requests), int(site.proxy.kind == "haproxy"), "requests of the own origin")


def websockets_pass_with_a_session(site: Site) -> None:
    expected = site.gate.identity("/forward-auth", site.user)
    for header in ("Upgrade", "keep-alive, Upgrade", "Upgrade, Remote-User, Gatelodge-Roles, Authorization"):
        connection, answer = upgrade(site, site.user, "websocket", connection_header=header)
        expect(answer.status, 101, f"with a session, and Connection: {header}")
        connection.sendall(b"hello\n")
        expect(connection.makefile("rb").readline(), b"echo hello\n")
        connection.close()
        found = identity(site.application.last())
        expect(found | {"Authorization": ""}, expected | {"Authorization": ""}, f"with Connection: {header}")
    site.application.forget()
    connection, answer = upgrade(site, "", "websocket")
    connection.close()
    refused(site, answer, 401, what="without a session")
    # A tunnel for anything else would carry requests that the proxy does not see.
    for protocols in (["h2c"], ["anything"], ["websocket", "h2c"], ["h2c", "websocket"], ["websocket, h2c"]):
        connection, answer = upgrade(site, site.user, *protocols)
        connection.close()
        for request in site.application.requests:
            assert request.all("upgrade") in ([], ["websocket"]), f"{protocols} reached the application: {request.headers}"
        assert answer.status != 101 or "websocket" in protocols, f"{protocols}: {answer.start}"


def a_connection_that_the_gate_ends_lets_nothing_pass(site: Site) -> None:
    """Between the proxy and the gate is a relay that ends a kept connection when the next question comes."""
    for cookie in (None, None, None, site.user, None):
        answer = site.client.get("/page", cookie=cookie)
        if cookie:
            assert answer.status in (200, 503), answer.start
            site.application.forget()
            continue
        # nginx asks again. The status of its last try counts.
        refused(site, answer, *([401] if site.proxy.kind == "nginx" else [401, 503]), what="a stranger")
        expect(answer.code(), {401: "UNAUTHENTICATED", 503: "SERVICE_UNAVAILABLE"}[answer.status])


def nothing_passes_while_the_gate_hangs(site: Site) -> None:
    """The time-out of the configuration is shortened to one second."""
    site.gate.process.send_signal(signal.SIGSTOP)
    os.waitpid(site.gate.process.pid, os.WUNTRACED)
    try:
        for cookie in (None, site.user):
            refused(site, site.client.get("/page", cookie=cookie), 503, what="a gate that hangs")
    finally:
        site.gate.process.send_signal(signal.SIGCONT)


def a_503_reaches_the_browser(site: Site) -> None:
    """The database cannot be read, so the gate cannot decide about a session that it has not seen."""
    with site.gate.broken_database():
        wanted = site.gate.ask("/forward-auth", UNSEEN)
        expect((wanted.status, wanted.code()), (503, "SERVICE_UNAVAILABLE"), "the gate's own answer")
        for path in ("/page", "/admin/page"):
            answer = site.client.get(path, cookie=UNSEEN)
            refused(site, answer, 503, what="an unknown session")
            expect(answer.code(), "SERVICE_UNAVAILABLE")
            # Envoy makes its own answer of a 503.
            seconds = "5" if site.proxy.kind == "envoy" else wanted.one("retry-after")
            expect(answer.one("retry-after"), seconds, "Retry-After")
            expect(answer.one("cache-control"), "no-store", "Cache-Control")
            refused(site, site.client.get(path), 401, what="no session")
    site.application.forget()
    refused(site, site.client.get("/page", cookie=UNSEEN), 401, what="afterwards")


def nothing_passes_while_the_gate_is_gone(site: Site) -> None:
    for cookie, path in ((None, "/page?optional=1"), (site.user, "/page"), (site.admin, "/admin/page")):
        answer = site.client.get(path, cookie=cookie)
        refused(site, answer, 503, what=path)
        expect((answer.code(), answer.one("retry-after")), ("SERVICE_UNAVAILABLE", "5"))
    expect(site.client.get("/login").status, 200, "the login page")


def the_gate_is_asked_again_when_it_is_back(site: Site) -> None:
    site.application.forget()
    refused(site, site.client.get("/page"), 401, what="no session")
    expect(site.client.get("/page", cookie=site.user).status, 200, "a session of before")
