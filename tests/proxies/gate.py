"""Runs Gatelodge with the policies of the tests, and logs users in."""

import contextlib
import json
import os
import pathlib
import sqlite3
import subprocess
import time

from application import IDENTITY
from wire import Client, Message, free_port

SETTINGS = """
[[forward-auth]]
path = "/forward-auth-admins"
require = "role:admin"

[[forward-auth]]
path = "/forward-auth-optional"
optional = true

[[forward-auth]]
path = "/forward-auth-pages"
redirect = true
preflight = "pass"
"""
# Usernames whose headers are encoded. The second one is as long as a username may be.
OTHER_LETTERS, LONGEST = "zoë", "\U00020000" * 150
# The id that LONGEST had in another system, as long as such an id may be.
EXTERNAL_ID = "\U00020000" * 191
PASSWORD = "correct horse battery staple"
LOGIN = "mutation($input: LoginInput!) { login(input: $input) { user { id } userErrors { code } } }"
LOGOUT = "mutation { logout { __typename } }"
JSON = [("Content-Type", "application/json")]


class Gate:
    """A gateway on a free port. `origin` is the public URL: the one of the proxies, or without a `public_port` its own."""

    def __init__(self, binary: str, folder: pathlib.Path, public_port: int | None = None, settings: str = SETTINGS):
        self.binary, self.folder = binary, folder
        self.port = free_port()
        self.host = f"127.0.0.1:{public_port or self.port}"
        self.origin = f"http://{self.host}"
        self.database = folder / "gatelodge.db"
        (folder / "gatelodge.toml").write_text(settings)
        self.environment = os.environ | {
            "DATABASE_URL": f"sqlite://{self.database}?mode=rwc",
            "GATELODGE_ADMIN_LISTEN": "off",
            "GATELODGE_CONFIG": str(folder / "gatelodge.toml"),
            "GATELODGE_LISTEN": f"127.0.0.1:{self.port}",
            "GATELODGE_LOGIN_URL": f"{self.origin}/login",
            "GATELODGE_PUBLIC_URL": self.origin,
            "GATELODGE_THROTTLE_LOGINS": "1000000/1s",
            "GATELODGE_TOKEN_EXTERNAL_ID": "on",
            "GATELODGE_TRUSTED_PROXIES": "127.0.0.1",
        }
        self.process = None

    def start(self) -> None:
        with open(self.folder / "gate.log", "ab") as log:
            self.process = subprocess.Popen([self.binary, "serve"], env=self.environment, stderr=log)
        for _ in range(100):
            if subprocess.run([self.binary, "healthcheck"], env=self.environment, capture_output=True).returncode == 0:
                return
            time.sleep(0.1)
        raise AssertionError("the gateway did not become ready:\n" + (self.folder / "gate.log").read_text()[-3000:])

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def add_user(self, name: str, *roles: str) -> None:
        self.user("add", name, "--password-stdin", given=PASSWORD)
        for role in roles:
            self.user("roles", name, "--add", role)

    def give_external_id(self, name: str, external_id: str) -> None:
        """Does what an import does for a user of another system."""
        query = "INSERT INTO imported_people SELECT id, ?, '', '', '', NULL, id FROM users WHERE username = ?"
        with contextlib.closing(sqlite3.connect(self.database, isolation_level=None, timeout=30)) as database:
            assert database.execute(query, (external_id, name)).rowcount == 1

    def user(self, *arguments: str, given: str = "") -> None:
        command = [self.binary, "user", *arguments]
        done = subprocess.run(command, env=self.environment, input=given, text=True, capture_output=True)
        assert done.returncode == 0, done.stderr

    @contextlib.contextmanager
    def broken_database(self):
        """Makes every query of sessions fail."""
        with contextlib.closing(sqlite3.connect(self.database, isolation_level=None, timeout=30)) as database:
            # Keeps the other tables' references as they are.
            database.execute("PRAGMA legacy_alter_table = ON")
            database.execute("ALTER TABLE sessions RENAME TO sessions_elsewhere")
            try:
                yield
            finally:
                database.execute("ALTER TABLE sessions_elsewhere RENAME TO sessions")

    def direct(self) -> Client:
        """Returns a client that asks the gate without a proxy."""
        return Client(self.port, self.host)

    def ask(self, path: str, cookie: str | None, headers=()) -> Message:
        return self.direct().get(path, [("X-Forwarded-Method", "GET"), *headers], cookie)

    def identity(self, path: str, cookie: str | None) -> dict[str, str]:
        """Returns the identity headers of the gate's own answer."""
        answer = self.ask(path, cookie)
        assert answer.status == 200, answer
        return {name: answer.one(name) for name in IDENTITY if answer.one(name) is not None}


def login(client: Client, name: str) -> str:
    """Logs a user in through /graphql, and returns the cookie."""
    variables = {"input": {"username": name, "password": PASSWORD}}
    answer = client.send("POST", "/graphql", JSON, json.dumps({"query": LOGIN, "variables": variables}).encode())
    assert answer.status == 200 and answer.json()["data"]["login"]["userErrors"] == [], answer
    return next(value.split(";")[0] for value in answer.all("set-cookie") if value.startswith("gatelodge="))


def logout(client: Client, cookie: str) -> None:
    answer = client.send("POST", "/graphql", JSON, json.dumps({"query": LOGOUT}).encode(), cookie)
    assert answer.status == 200 and answer.json()["data"]["logout"], answer
