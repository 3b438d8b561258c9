"""Checks who gets in: sessions, roles, hostile paths and query strings."""

import json
import posixpath
import re
import urllib.parse

from gate import JSON, login, logout
from guarded_site import Site, expect, refused

# Query strings that name settings of a policy.
QUERIES = (
    "?optional=1", "?optional=true", "?role=", "?role=user", "?require=none", "?redirect=1", "?preflight=pass",
    "?path=/forward-auth-optional", "?method=GET", "?optional=1&optional=1", "?%6fptional=1", "??optional=1",
    "?return_to=https://evil.example/", "?&", "?/../../login",
)  # fmt: skip
# Paths that must not be open to a stranger.
PATHS = (
    "/../", "/../../x", "/x/../", "/%2e%2e/", "/%2e%2e/%2e%2e/x", "/%2e%2e/forward-auth-optional/", "/../forward-auth-optional/x", "//",
    "///x", "/forward-auth-optional", "/forward-auth-optional/", "/forward-auth", "/forward-auth/../forward-auth-optional",
    "/forward-auth-pages", "/_gatelodge/session", "/_gatelodge/admins", "/login/", "/login/x", "/login/../x", "/login/%2e%2e/x",
    "/login%2f..%2fx", "/login/..;/x", "/login;x", "/login%00", "/login%2f", "/x/..%2flogin/../y", "/graphql/", "/graphql/../x",
    "/graphql%2f..%2fx", "/graphql;x", "/graphql%00", "/.well-known/", "/.well-known/x", "/.well-known/../x",
    "/.well-known/jwks.json/../../x", "/%zz", "/%", "/x%", "/.", "/..", "/;", "/x%0d%0aX-Auth-User:%20a", "/healthz", "/readyz",
    "/metrics", "/graphql/x?query={me{id}}",
)  # fmt: skip
# Paths that mean /admin to some application.
ADMIN_PATHS = (
    "/admin", "/admin/", "/admin?optional=1", "/admin/x?role=", "/ADMIN/x", "/Admin", "/%61dmin/x", "/%41DMIN", "//admin/x", "///admin",
    "/./admin/x", "/%2e/admin", "/x/../admin/x", "/x/%2e%2e/admin/x", "/x/.%2E/admin", "/x%2f..%2fadmin/x", "/x/..%2fadmin", "/%2fadmin",
    "/admin%2fx", "/admin;a=b/x", "/admin/../x", "/admin/%2e%2e/x", "/admin/..%2fx", "/admin%2f..%2fx", "/admin/..;/x", "/login/../admin",
    "/login/%2e%2e/admin", "/login/..%2fadmin", "/x/..;/admin/x", "/x;/../admin", "/x\\..\\admin", "/x%5c..%5cadmin", "/x/..%5cadmin",
    "/\\admin", "/%5cadmin", "/admin%00", "/admin.css", "/graphql/../admin", "/.well-known/../admin", "/x//../admin",
    "/x/%252e%252e/admin", "/x/%252e%252e%252fadmin", "/admin%3fx", "/admin%23", "/admin#x", "/%61%64%6d%69%6e",
)  # fmt: skip


def means_admin(target: str) -> bool:
    """Returns whether an application could read a path as one under /admin."""
    path = target.partition("?")[0]
    forms = [path]
    for _ in range(2):
        path = urllib.parse.unquote(path).replace("\\", "/")
        forms += [path, posixpath.normpath(re.sub(";[^/]*", "", "/" + path.lstrip("/")))]
    return any(re.match("/*admin", form, re.I) for form in forms)


def a_stranger_gets_our_401(site: Site) -> None:
    wanted = site.gate.ask("/forward-auth", None)
    expect((wanted.status, wanted.code()), (401, "UNAUTHENTICATED"), "the gate's own answer")
    for cookie in (None, "gatelodge=", "gatelodge=x", "gatelodge=" + "A" * 43, "other=1", f"{site.user}; {site.user}"):
        for path in ("/page", "/admin/page"):
            for method in ("GET", "HEAD", "POST", "OPTIONS"):
                answer = site.client.send(method, path, cookie=cookie)
                refused(site, answer, 401, what=f"{method} {path} {cookie}")
                expect(answer.one("cache-control"), "no-store", "Cache-Control")
                expect(answer.one("www-authenticate"), wanted.one("www-authenticate"), "WWW-Authenticate")
                if method != "HEAD":
                    expect(answer.one("content-type"), "application/json", "Content-Type")
                    expect(answer.code(), "UNAUTHENTICATED")
    # A script of an allowed origin may read it.
    answer = site.client.get("/page", [("Origin", site.gate.origin)])
    expect(answer.one("access-control-allow-origin"), site.gate.origin)
    assert "origin" in ", ".join(answer.all("vary")).lower(), answer.headers
    exposed = ",".join(answer.all("access-control-expose-headers")).lower().replace(" ", "")
    expect(sorted(exposed.split(",")), ["retry-after", "x-request-id"], "Access-Control-Expose-Headers")


def query_strings_change_nothing(site: Site) -> None:
    for query in QUERIES:
        site.application.forget()
        refused(site, site.client.get("/page" + query), 401, what=query)
        refused(site, site.client.get("/admin" + query), 401, what=query)
        refused(site, site.client.get("/admin" + query, cookie=site.user), 403, what=query)
        expect(site.client.get("/page" + query, cookie=site.user).status, 200, query)
        expect(site.application.last().start, f"GET /page{query} HTTP/1.1")


def hostile_paths_change_nothing(site: Site) -> None:
    site.application.forget()
    for path in PATHS:
        for query in ("", "?optional=1"):
            answer = site.client.get(path + query)
            refused(site, answer, 400, 401, 403, 404, what=path + query)
    for target in ADMIN_PATHS:
        refused(site, site.client.get(target), 400, 401, 403, 404, what=target)
        site.application.forget()
        answer = site.client.get(target, cookie=site.user)
        for request in site.application.requests:
            assert not means_admin(request.start.split(" ")[1]), f"{target} reached the application as {request.start!r}"
        assert site.application.requests or answer.status in (400, 403, 404), f"{target}: {answer.start}"
        site.application.forget()


def absolute_targets_change_nothing(site: Site) -> None:
    for target in (
        f"http://{site.client.host}/page",
        f"http://{site.client.host}/admin",
        "http://evil.example/admin",
        f"http://{site.client.host}/../admin",
    ):
        site.application.forget()
        refused(site, site.client.get(target), 400, 401, 404, 421, what=target)
        if "admin" in target:
            refused(site, site.client.get(target, cookie=site.user), 400, 403, 404, 421, what=target)
    # Caddy answers `OPTIONS *` itself.
    refused(site, site.client.send("OPTIONS", "*"), 200, 400, 401, 404, what="OPTIONS *")


def a_policy_with_a_role_is_for_that_role(site: Site) -> None:
    answer = site.client.get("/admin/page", cookie=site.user)
    refused(site, answer, 403, what="a user without the role")
    expect(answer.code(), "FORBIDDEN")
    expect(answer.one("cache-control"), "no-store")
    expect(site.client.get("/admin/page", cookie=site.admin).status, 200)
    expect(site.client.get("/page", cookie=site.admin).status, 200)


def logout_ends_access_at_once(site: Site) -> None:
    cookie = login(site.client, "ada")
    expect(site.client.get("/page", cookie=cookie).status, 200)
    logout(site.client, cookie)
    site.application.forget()
    refused(site, site.client.get("/page", cookie=cookie), 401, what="after logout")


def another_site_cannot_post(site: Site) -> None:
    for headers in (
        [("Origin", "https://evil.example")],
        [("Sec-Fetch-Site", "cross-site")],
        [("Origin", "null")],
        [("Sec-Fetch-Site", "same-site")],
    ):
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            site.application.forget()
            answer = site.client.send(method, "/page", headers, b"a=1", site.user)
            refused(site, answer, 403, what=f"{method} {headers}")
            expect(answer.code(), "FORBIDDEN")
    # A link from another site works.
    answer = site.client.get("/page", [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate")], site.user)
    expect(answer.status, 200, "a link")
    own = [("Origin", site.gate.origin), ("Sec-Fetch-Site", "same-origin")]
    expect(site.client.send("POST", "/page", own, b"a=1", site.user).status, 200, "an own POST")


def graphql_reaches_the_gate(site: Site) -> None:
    site.application.forget()
    query = json.dumps({"query": "{ me { id } }"}).encode()
    answer = site.client.send("POST", "/graphql", JSON, query)
    expect((answer.status, answer.json()["data"]), (200, {"me": None}))
    answer = site.client.send("POST", "/graphql", [*JSON, ("Origin", "https://evil.example")], query)
    expect(answer.status, 403, "another origin")
    expect(site.client.get("/.well-known/openid-configuration").json()["issuer"], site.gate.origin)
    expect(site.application.requests, [], "requests")
