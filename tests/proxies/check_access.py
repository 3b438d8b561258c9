"""Checks who gets in: sessions, roles, hostile paths and query strings."""

import json
import posixpath
import re
import urllib.parse

from application import is_protected
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
    "/x/%252e%252e/admin", "/x/%252e%252e%252fadmin", "/admin%3fx", "/admin%23", "/admin#x", "/%61%64%6d%69%6e", "/%2561dmin",
    "/%2541DMIN", "/%256%31dmin", "/%25%36%31dmin", "/%%361dmin", "/%252561dmin", "/a%2564min",
    "/x/%252E%252E%252Fadmin", "/x/..%255Cadmin", "/%25%36%31%25%36%34min", "/%2%3561dmin", "/;/admin", "/;x=1/admin", "/%3b/admin",
)  # fmt: skip
# Paths that could lead to the gate's own answer to a proxy, which has the user's token. The gate reads only a path's first segment.
QUESTIONS = (
    "/forward-auth/../graphql", "/forward-auth/%2e%2e/graphql", "/forward-auth/.%2E/graphql", "/forward-auth/..%2fgraphql",
    "/forward-auth%2f..%2fgraphql", "/forward-auth/x/../../graphql", "/forward-auth//../graphql", "/forward-auth/../graphql/assets/x",
    "/forward-auth/../.well-known/jwks.json", "/forward-auth-admins/../graphql", "/forward-auth/..;/graphql", "/forward-auth;/../graphql",
    "/forward-auth\\..\\graphql", "/forward-auth/../login", "/forward%2dauth", "/FORWARD-AUTH", "//forward-auth", "/./forward-auth",
    "/forward-auth?x", "/graphql/../forward-auth", "/graphql/assets/../../forward-auth", "/graphql/assets/..%2f..%2fforward-auth",
    "/graphql/assets/%2e%2e/%2e%2e/forward-auth", "/graphql/assets/..", "/.well-known/../forward-auth", "/.well-known/..%2fforward-auth",
    "/login/../forward-auth", "/login/..%2fforward-auth", "/_gatelodge/session/", "/_gatelodge/", "/%5fgatelodge/session",
    "/_gatelodge%2fsession", "/x/../_gatelodge/session", "/_gatelodge/x/../admins", "//_gatelodge/session", "/_GATELODGE/session",
    "/admin/../_gatelodge/session", "/login/../_gatelodge/session", "/@refused",
)  # fmt: skip
# Paths whose page of the application makes nginx ask the gate, and send the answer.
ACCEL = ("/accel/_gatelodge/session", "/accel/_gatelodge/admins")


def means_admin(target: str) -> bool:
    """Returns whether an application could read a path as one under /admin."""
    path = target.partition("?")[0]
    forms = [path]
    for _ in range(3):
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
    expect(sorted(exposed.split(",")), ["gatelodge-identity", "retry-after", "x-request-id"], "Access-Control-Expose-Headers")


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


def no_answer_has_an_identity_header(site: Site) -> None:
    """A script of the page could read it: the token, and the session's id."""
    absolute = tuple(f"http://{site.client.host}{path}" for path in ("/forward-auth", "/_gatelodge/session", "/forward-auth/../graphql"))
    for cookie, policy in ((site.user, "/forward-auth"), (site.admin, "/forward-auth-admins")):
        session = site.gate.identity(policy, cookie)["Gatelodge-Session-Id"]
        for target in (*PATHS, *ADMIN_PATHS, *QUESTIONS, *ACCEL, *absolute):
            answer = site.client.get(target, cookie=cookie)
            found = [name for name, _ in answer.headers if is_protected(name)]
            assert not found and session not in repr(answer), f"{target}: {found} reached the browser"
            # The gate's answer to a proxy's question has no body.
            assert answer.status != 200 or answer.body or target in ACCEL, f"{target} reached the gate's forward-auth"


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
