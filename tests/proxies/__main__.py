"""Guards an application with Gatelodge behind each proxy, and attacks it. scripts/proxies.sh runs it.

python tests/proxies GATELODGE NAME=BINARY…     for example haproxy=/usr/sbin/haproxy
"""

import inspect
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import check_access
import check_answers
import check_identity
from application import Application
from gate import EXTERNAL_ID, LONGEST, OTHER_LETTERS, Gate, login
from guarded_site import Site, expect, refused
from proxies import Proxy
from relay import Relay
from wire import Client, free_port

# Checks of policies that the files of deploy/ do not name: the whole site has an optional policy, and /admin the other one.
POLICIES = {"/forward-auth-admins": "/forward-auth-pages", "/forward-auth": "/forward-auth-optional"}
OTHER_POLICIES = (
    check_identity.a_stranger_under_optional_is_none,
    check_answers.a_navigation_is_sent_to_the_login_page,
    check_answers.a_preflight_reaches_the_application,
)
HANGING = check_answers.nothing_passes_while_the_gate_hangs
RELAYED = check_answers.a_connection_that_the_gate_ends_lets_nothing_pass
WITHOUT_GATE = check_answers.nothing_passes_while_the_gate_is_gone
BACK = check_answers.the_gate_is_asked_again_when_it_is_back
PAGE = b"<!doctype html><title>A stock web server</title>\n"


def checks() -> list:
    """Returns the checks of a site with the policies of deploy/."""
    found = [
        function
        for module in (check_access, check_identity, check_answers)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and list(inspect.signature(function).parameters)[0] == "site" and "_" in name
    ]
    helpers = {check_identity.genuine, check_identity.verified, check_identity.may_be_refused}
    helpers |= {HANGING, RELAYED, WITHOUT_GATE, BACK, *OTHER_POLICIES}
    return [function for function in found if function not in helpers]


class Run:
    """The tests of one proxy. Counts and prints what failed."""

    def __init__(self, site: Site):
        self.site, self.passed, self.failed = site, 0, 0

    def check(self, function) -> None:
        self.site.application.forget()
        since = time.monotonic()
        try:
            function(self.site)
            self.passed += 1
        except Exception as problem:  # noqa: BLE001
            self.failed += 1
            kind = "" if isinstance(problem, AssertionError) else f"{type(problem).__name__}: "
            print(f"FAILED {self.site.proxy.name}: {function.__name__}: {kind}{str(problem)[:1500]}")
        if (took := time.monotonic() - since) > 5:
            print(f"{self.site.proxy.name}: {function.__name__} took {took:.1f} s")


def a_stock_web_server_is_guarded(site: Site) -> None:
    refused(site, site.client.get("/page.html"), 401, what="a stranger")
    answer = site.client.get("/page.html", cookie=site.user)
    expect((answer.status, answer.body), (200, PAGE))


def stock_web_server(folder: pathlib.Path) -> tuple[subprocess.Popen, int]:
    """Starts an nginx that serves a folder."""
    port = free_port()
    (folder / "pages").mkdir(parents=True)
    (folder / "pages/page.html").write_bytes(PAGE)
    paths = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{ access_log off; {paths} server {{ listen 127.0.0.1:{port}; root {folder}/pages; }} }}\n"
    )
    return subprocess.Popen(["nginx", "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]), port


def test(site: Site, stock_port: int) -> Run:
    run = Run(site)
    site.proxy.start({"10s": "1s", "6000": "500"}, application=stock_port)
    site.user, site.admin = login(site.client, "ada"), login(site.client, "root")
    run.check(a_stock_web_server_is_guarded)
    run.check(HANGING)
    site.proxy.stop()
    relay = Relay(site.gate.port)
    site.proxy.start(gate=relay.port)
    run.check(RELAYED)
    site.proxy.stop()
    relay.stop()
    site.proxy.start(POLICIES)
    for function in OTHER_POLICIES:
        run.check(function)
    site.proxy.stop()
    site.proxy.start()
    for function in checks():
        run.check(function)
    site.gate.stop()
    run.check(WITHOUT_GATE)
    site.gate.start()
    run.check(BACK)
    site.proxy.stop()
    return run


def main() -> int:
    began = time.monotonic()
    gatelodge, binaries = sys.argv[1], dict(argument.split("=", 1) for argument in sys.argv[2:])
    folder = pathlib.Path(tempfile.mkdtemp())
    public, application, failed = free_port(), Application(), 0
    gate, proxy = Gate(gatelodge, folder, public), None
    stock, stock_port = stock_web_server(folder / "stock")
    try:
        gate.start()
        gate.add_user("ada")
        gate.add_user("root", "admin")
        gate.add_user(OTHER_LETTERS)
        gate.add_user(LONGEST, *(f"{number:02}-{61 * 'r'}" for number in range(15)))
        gate.give_external_id(LONGEST, EXTERNAL_ID)
        for name, binary in binaries.items():
            since = time.monotonic()
            proxy = Proxy(name, binary, folder, {"gate": gate.port, "application": application.port, "public": public})
            run = test(Site(proxy, gate, application, Client(public, gate.host)), stock_port)
            failed += run.failed
            print(f"{name}: {run.passed} passed, {run.failed} failed, {time.monotonic() - since:.1f} s", flush=True)
    finally:
        if proxy:
            proxy.stop()
        gate.stop()
        stock.kill()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{len(binaries)} proxies in {time.monotonic() - began:.1f} s")
    return failed > 0


sys.exit(main())
