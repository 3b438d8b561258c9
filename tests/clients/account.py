"""The account flows through Python's gql, by each of its HTTP transports. python.test.js runs this."""

import asyncio
import os
import socket
import unittest
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import uuid4

from gql import Client, GraphQLRequest
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportConnectionFailed, TransportQueryError
from gql.transport.httpx import HTTPXTransport

from client import connect

gateway = os.environ["GATEWAY"]

ME = "query Me { me { id username } }"
REGISTER = """mutation Register($input: RegisterInput!) {
  register(input: $input) { user { id } userErrors { code message field retryAfter } }
}"""
LOGIN = """mutation Login($input: LoginInput!) {
  login(input: $input) { user { id } userErrors { code message field retryAfter } }
}"""
LOGOUT = "mutation Logout { logout { loggedOut } }"


def somebody():
    return {"username": f"ada-{uuid4()}", "password": "a long walk by the river"}


class Session:
    """Runs operations. One session of gql has one cookie jar: it stands for one browser."""

    def __init__(self, transport, execute):
        self.transport = transport
        self.execute = execute

    def send(self, query, variables=None, headers=None):
        return self.execute(GraphQLRequest(query, variable_values=variables), extra_args={"headers": headers})

    def register(self):
        person = somebody()
        register = self.send(REGISTER, {"input": {**person, "confirmPassword": person["password"]}})["register"]
        assert register["userErrors"] == [], register
        return person, register["user"]["id"]


class Account:
    """The tests. `open` returns a session."""

    def test_register_me_log_out_nobody_log_in_me(self):
        with self.open() as session:
            self.assertEqual(session.send(ME), {"me": None})
            person, id = session.register()
            me = {"me": {"id": id, "username": person["username"]}}
            self.assertEqual(session.send(ME), me)
            self.assertEqual(session.send(LOGOUT), {"logout": {"loggedOut": True}})
            self.assertEqual(session.send(ME), {"me": None})
            self.assertEqual(session.send(LOGIN, {"input": person}), {"login": {"user": {"id": id}, "userErrors": []}})
            self.assertEqual(session.send(ME), me)

    def test_a_taken_name_and_a_wrong_password_are_data(self):
        with self.open() as session:
            person, id = session.register()
            taken = {"code": "USERNAME_TAKEN", "message": "Username already taken", "field": ["username"], "retryAfter": None}
            answer = session.send(REGISTER, {"input": {**person, "confirmPassword": person["password"]}})
            self.assertEqual(answer, {"register": {"user": None, "userErrors": [taken]}})
            wrong = {"code": "INVALID_CREDENTIALS", "message": "Username and/or password incorrect", "field": None, "retryAfter": None}
            answer = session.send(LOGIN, {"input": {**person, "password": "a short walk by the sea"}})
            self.assertEqual(answer, {"login": {"user": None, "userErrors": [wrong]}})
            self.assertEqual(session.send(ME)["me"]["id"], id)

    def test_an_unknown_field_is_told_in_words_whatever_the_status(self):
        for headers in (None, {"Accept": "application/json"}, {"Accept": "application/graphql-response+json"}):
            with self.subTest(headers), self.open() as session:
                with self.assertRaises(TransportQueryError) as caught:
                    session.send("query Me { me { name } }", headers=headers)
                [error] = caught.exception.errors
                self.assertIn('Cannot query field "name" on type "User"', error["message"])
                self.assertEqual(error["extensions"], {"code": "GRAPHQL_VALIDATION_FAILED"})

    def test_an_origin_that_is_not_on_the_list_is_refused_and_gets_no_session(self):
        with self.open() as session:
            person, _ = session.register()
        with self.open() as session:
            with self.assertRaises(TransportQueryError) as caught:
                session.send(LOGIN, {"input": person}, {"Origin": "http://localhost:4000"})
            self.assertEqual(caught.exception.errors, [{"message": "This origin is not allowed: http://localhost:4000. The gateway's setting GATELODGE_ALLOWED_ORIGINS lists the origins of frontends", "extensions": {"code": "FORBIDDEN"}}])
            self.assertNotIn("Set-Cookie", session.transport.response_headers)

    def test_no_answer_is_an_error_of_its_own(self):
        with socket.create_server(("127.0.0.1", 0)) as nobody:
            port = nobody.getsockname()[1]
        with self.open(f"http://localhost:{port}") as session, self.assertRaises(TransportConnectionFailed):
            session.send(ME)

    def test_a_gateway_with_too_much_to_do_says_when_to_come_back_and_gives_no_data(self):
        def login(_):
            with self.open() as session:
                try:
                    return session.send(LOGIN, {"input": somebody()})["login"]["userErrors"][0]["code"]
                except TransportQueryError as error:
                    [refusal] = error.errors
                    return refusal["message"], refusal["extensions"], error.data, session.transport.response_headers["Retry-After"]

        with ThreadPoolExecutor(6) as threads:
            results = list(threads.map(login, range(6)))
        busy = ("The service is busy, try again in a moment", {"code": "SERVICE_BUSY", "retryAfter": 2}, None, "2")
        self.assertIn("INVALID_CREDENTIALS", results)
        self.assertIn(busy, results)
        self.assertEqual([result for result in results if result not in ("INVALID_CREDENTIALS", busy)], [])


class Requests(Account, unittest.TestCase):
    @contextmanager
    def open(self, address=gateway):
        client = connect(address)
        with client as session:
            yield Session(client.transport, session.execute)


class Httpx(Account, unittest.TestCase):
    @contextmanager
    def open(self, address=gateway):
        client = Client(transport=HTTPXTransport(url=f"{address}/graphql"))
        with client as session:
            yield Session(client.transport, session.execute)


class Aiohttp(Account, unittest.TestCase):
    @contextmanager
    def open(self, address=gateway):
        client = Client(transport=AIOHTTPTransport(url=f"{address}/graphql"))
        loop = asyncio.new_event_loop()
        session = loop.run_until_complete(client.connect_async())
        try:
            yield Session(client.transport, lambda *args, **kwargs: loop.run_until_complete(session.execute(*args, **kwargs)))
        finally:
            loop.run_until_complete(client.close_async())
            loop.close()
