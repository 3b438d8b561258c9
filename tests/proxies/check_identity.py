"""Checks what reaches the application: Gatelodge's headers, and nothing that the browser forged."""

import urllib.parse

import jwt

from application import IDENTITY, identity
from gate import EXTERNAL_ID, LONGEST, OTHER_LETTERS, login
from guarded_site import Site, expect, refused

# Spellings of protected names. Every value contains `forged`.
SPELLINGS = (
    "Authorization", "authorization", "AUTHORIZATION", "Authorization_", "Remote-User", "remote-user", "REMOTE-USER", "remote_user",
    "Remote.User", "Remote_User", "Remote!User", "Gatelodge-Roles", "gatelodge-roles", "gatelodge_roles", "Gatelodge.Roles",
    "GATELODGE_ROLES", "Gatelodge~Roles", "Gatelodge-User-Id", "Gatelodge_User_Id", "Gatelodge-User_Id", "gatelodge.user.id",
    "Gatelodge-Session-Id", "Gatelodge_Session_Id", "Gatelodge-Username", "X-Auth-User", "X_Auth_User", "X.Auth.User", "x-auth-user",
    "x_auth_user", "X-Auth_User", "X-AUTH-USER", "X-Auth.User", "X-Auth-Roles", "X_Auth_Roles", "X-Auth-Request-User",
    "x_auth_request_email", "Gatelodge-Foo", "gatelodge-foo", "GATELODGE-FOO", "Gatelodge_Foo", "gatelodge.foo", "Gatelodge-Foo.Bar",
    "Gatelodge-", "X-Auth-Foo", "x-auth-foo", "X_Auth_Foo", "x.auth.foo", "X-Auth_Foo", "X-Auth-Foo-Bar", "X-Auth-",
)  # fmt: skip
FORGED = [(name, "Bearer forged" if name.lower() == "authorization" else f"forged-{index}") for index, name in enumerate(SPELLINGS)]
# A server may refuse a request with two Authorization headers, so these attacks have one.
TOGETHER = [header for header in FORGED if header[0] not in ("authorization", "AUTHORIZATION")]
ATTACKS = [
    [],
    TOGETHER,
    TOGETHER[::-1],
    [(name, "") for name, _ in TOGETHER],
    *([header] for header in FORGED),
    *([(name, "")] for name, _ in FORGED),
    *([(name, ""), (name, "forged")] for name, _ in FORGED),
    *([(name, "forged"), (name.swapcase(), "forged"), (name, "forged-3")] for name, _ in FORGED),
]
# Cookies of the application, with names that are similar to Gatelodge's.
OTHER_COOKIES = ("theme=dark", "notgatelodge=1", "gatelodge2=a=b", "gatelodge-devices=2")


def genuine(site: Site, expected: dict[str, str]) -> None:
    """Fails if the last request has other identity headers than `expected`, or anything that is forged."""
    request = site.application.last()
    found = identity(request)
    # The token may be renewed between two questions. `verified` compares it.
    expect(found.keys(), expected.keys(), "identity headers")
    for name in expected.keys() - {"Authorization"}:
        expect(found[name], expected[name], name)
    text = repr(request.headers)
    assert "forged" not in text.lower(), f"a forged header reached the application: {text}"


def verified(site: Site, token: str, key_set: dict) -> dict:
    """Verifies a token by the published keys, with the library's defaults."""
    key = jwt.PyJWKSet.from_dict(key_set)[jwt.get_unverified_header(token)["kid"]]
    return jwt.decode(token, key.key, algorithms=["ES256"], audience="gatelodge", issuer=site.gate.origin)


def a_user_reaches_the_application_with_all_identity_headers(site: Site) -> None:
    keys = site.client.get("/.well-known/jwks.json")
    expect(keys.status, 200, "JWKS")
    users = [(site.user, "/page", "/forward-auth"), (site.admin, "/admin/page", "/forward-auth-admins")]
    users += [(login(site.client, name), "/page", "/forward-auth") for name in (OTHER_LETTERS, LONGEST)]
    for cookie, path, policy in users:
        expected = site.gate.identity(policy, cookie)
        expect(set(expected), set(IDENTITY), "headers of the gate")
        answer = site.client.get(path + "?a=1&b=%2F", cookie=cookie)
        expect((answer.status, answer.json()["target"]), (200, path + "?a=1&b=%2F"))
        genuine(site, expected)
        kind, token = identity(site.application.last())["Authorization"].split(" ")
        claims = verified(site, token, keys.json())
        expect(kind, "Bearer")
        expect(claims["sub"], expected["Gatelodge-User-Id"], "sub")
        expect(claims["sid"], expected["Gatelodge-Session-Id"], "sid")
        expect(claims["preferred_username"], urllib.parse.unquote(expected["Remote-User"]), "preferred_username")
        expect(claims.get("external_id"), EXTERNAL_ID if cookie == users[-1][0] else None, "external_id")
        expect(",".join(claims["roles"]) or "-", expected["Gatelodge-Roles"], "roles")


def may_be_refused(attack) -> bool:
    return [name.lower() for name, _ in attack].count("authorization") > 1


def forged_headers_are_dropped(site: Site, policy="/forward-auth") -> None:
    expected = site.gate.identity(policy, site.user)
    for attack in ATTACKS:
        answer = site.client.get("/page", attack, site.user)
        if may_be_refused(attack) and answer.status == 400:
            continue
        expect(answer.status, 200, repr(attack))
        genuine(site, expected)


def the_login_page_gets_no_identity(site: Site) -> None:
    for cookie in (None, site.user):
        for attack in ATTACKS:
            answer = site.client.get("/login", attack, cookie)
            if may_be_refused(attack) and answer.status == 400:
                continue
            expect(answer.status, 200, repr(attack))
            genuine(site, {})


def connection_names_no_identity_header(site: Site) -> None:
    """A header that `Connection` names is one of the connection, and proxies drop it (RFC 9110, section 7.6.1)."""
    expected = site.gate.identity("/forward-auth", site.user)
    names = ", ".join(IDENTITY)
    for value in (f"close, {names}", f"{names}, close", f"close, {names.lower()}", "close, X-Forwarded-Method, Origin"):
        answer = site.client.get("/page", [("Connection", value)], site.user)
        expect(answer.status, 200, value)
        genuine(site, expected)
    # A request whose cookie is dropped comes from a stranger.
    assert site.client.get("/page", [("Connection", "close, Cookie")], site.user).status in (200, 401)


def forwarded_headers_are_the_proxys(site: Site) -> None:
    names = (
        "X-Forwarded-Method",
        "X-Forwarded-Proto",
        "X-Forwarded-Host",
        "X-Forwarded-Uri",
        "X-Forwarded-For",
        "X_Forwarded_Host",
        "X-Request-Id",
    )
    for attack in ([(name, "forged") for name in names], [(name, "") for name in names], [("Forwarded", "for=forged;host=forged")]):
        expect(site.client.get("/page", attack, site.user).status, 200)
        request = site.application.last()
        assert "forged" not in repr(request.headers), request.headers
        # Envoy writes its own address instead of a browser's on the same machine.
        assert request.one("x-forwarded-for") and (site.proxy.kind == "envoy" or request.one("x-forwarded-for") == "127.0.0.1")
        expect(request.one("x-forwarded-proto"), "http")
        expect(request.one("x-forwarded-host"), site.client.host)
    # A method from the browser must not make a POST of another site a GET.
    forged = [("X-Forwarded-Method", "GET"), ("Origin", "https://evil.example")]
    site.application.forget()
    refused(site, site.client.send("POST", "/page", forged, b"x=1", site.user), 403, what="a forged method")


def the_application_never_sees_gatelodges_cookies(site: Site) -> None:
    others = list(OTHER_COOKIES)
    ours = [site.user, "gatelodge-device=d"]
    orders = ([*ours, *others], [*others, *ours], [ours[0], others[0], ours[1], *others[1:]], [others[0], *ours, *others[1:]], ours)
    for cookies in orders:
        for separator in ("; ", ";"):
            expect(site.client.get("/page", cookie=separator.join(cookies)).status, 200, repr(cookies))
            arrived = "; ".join(site.application.last().all("cookie"))
            wanted = [cookie for cookie in cookies if cookie in others]
            assert not arrived.startswith((";", " ")), arrived
            expect([cookie.strip() for cookie in arrived.split(";") if cookie.strip()], wanted, repr(cookies))
    for cookie in (
        "__Host-gatelodge=secret; a=1; __Host-gatelodge-device=secret; gatelodge-device=secret",
        "gatelodge=secret; gatelodge=secret;gatelodge=secret",
    ):
        site.client.get("/login", cookie=cookie)
        assert "secret" not in repr(site.application.last().headers), site.application.last().headers
    # Two lines.
    site.client.get("/login", [("Cookie", "a=1; gatelodge=secret"), ("Cookie", "gatelodge-device=secret; b=2")])
    arrived = "; ".join(site.application.last().all("cookie"))
    assert "secret" not in arrived and "a=1" in arrived and "b=2" in arrived, arrived


def cookies_that_are_too_long_are_refused(site: Site) -> None:
    for size in (60_000, 200_000):
        for cookie in (
            "gatelodge=" + "a" * size,
            f"a={'a' * size}; {site.user}",
            "a=1; " * (size // 5) + site.user,
            "gatelodge=" + "a" * 43 + ";" * size,
        ):
            site.application.forget()
            answer = site.client.get("/page", cookie=cookie)
            assert answer.status in (400, 401, 403, 413, 431, 500, 503) and not site.application.requests, f"{size} bytes: {answer.start}"


def other_headers_pass(site: Site) -> None:
    headers = [("X-Csrf-Token", "t"), ("Accept-Language", "en"), ("Origin", site.gate.origin)]
    expect(site.client.get("/page", headers, site.user).status, 200)
    request = site.application.last()
    for name in ("X-Csrf-Token", "Accept-Language", "Origin"):
        expect(request.one(name), dict(headers)[name], name)


def a_stranger_under_optional_is_none(site: Site) -> None:
    """The policy is `optional`. The gate names a stranger `-`, so that no forged header stays."""
    expected = dict.fromkeys(IDENTITY[1:], "-")
    for attack in ATTACKS:
        answer = site.client.get("/page", attack)
        if may_be_refused(attack) and answer.status == 400:
            continue
        expect(answer.status, 200, repr(attack))
        genuine(site, expected)
    forged_headers_are_dropped(site, policy="/forward-auth-optional")
