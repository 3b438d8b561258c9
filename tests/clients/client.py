"""The way of Python's gql to the gateway, as docs/frontend.md shows it."""

from gql import Client
from gql.transport.requests import RequestsHTTPTransport


def connect(gateway: str) -> Client:
    return Client(transport=RequestsHTTPTransport(url=f"{gateway}/graphql"))
