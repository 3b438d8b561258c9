"""Logs in the imported users with their old passwords, and checks that no other password works.

    python log_in.py http://localhost:8000
"""

import json
import pathlib
import sys
import urllib.request

URL = sys.argv[1]
HERE = pathlib.Path(__file__).parent
LOGIN = """mutation($input: LoginInput!) { login(input: $input) { user { username roles } userErrors { code } } }"""
NODE = [
    ("node", "bcrypt by node ß"),
    ("node72", "x" * 72),
    ("better", "better-auth, by default"),
    ("better-nfkc", "ﬁne Ⅷ cafe\u0301"),
]


def login(username, password):
    body = {"query": LOGIN, "variables": {"input": {"username": username, "password": password}}}
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(URL + "/graphql", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["data"]["login"]


def main():
    people = json.loads((HERE / "people.json").read_text())
    passed = 0
    for username, password, enabled, roles in [
        (
            person["username"],
            person["password"],
            person.get("is_active", True) and person["password"] is not None,
            [role for role in ("staff", "superuser") if person.get(f"is_{role}")],
        )
        for person in people
    ] + [(username, password, True, []) for username, password in NODE]:
        wrong = login(username, "not their password")
        assert wrong["userErrors"] == [{"code": "INVALID_CREDENTIALS"}], (username, wrong)
        for _ in range(2):
            right = login(username, password or "!")
            if enabled:
                assert right["userErrors"] == [] and right["user"]["roles"] == roles, (username, right)
            else:
                assert right == wrong, (username, right)
        passed += 1
    print(f"{passed} passed, 0 failed")


main()
