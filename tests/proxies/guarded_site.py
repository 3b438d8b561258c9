"""What a check gets: a guarded site, and the two users who are logged in."""

import dataclasses

from application import Application
from gate import Gate
from proxies import Proxy
from wire import Client


@dataclasses.dataclass
class Site:
    """A proxy in front of the gate and the application. `user` and `admin` are cookies."""

    proxy: Proxy
    gate: Gate
    application: Application
    client: Client
    user: str = ""
    admin: str = ""


def expect(actual, expected, what="") -> None:
    assert actual == expected, f"{what}: {actual!r}, but expected {expected!r}"


def refused(site: Site, answer, *statuses: int, what="") -> None:
    """Fails if the status is another one, or if the request reached the application."""
    assert answer.status in statuses, f"{what}: {answer.start!r}, but expected {statuses}"
    assert not site.application.requests, f"{what} reached the application: {site.application.requests}"
