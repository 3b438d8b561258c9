"""Sends and reads HTTP/1.1 byte by byte, so that the spelling and the order of headers stay as they are."""

import dataclasses
import json
import socket

TIMEOUT = 20


@dataclasses.dataclass
class Message:
    """A request or a response: its first line, its headers as they were spelled, and its body."""

    start: str
    headers: list[tuple[str, str]]
    body: bytes = b""

    @property
    def status(self) -> int:
        return int(self.start.split(" ")[1])

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def one(self, name: str) -> str | None:
        """Returns the value of a header, or None. Fails if it is there twice."""
        values = self.all(name)
        assert len(values) <= 1, f"{name} is there {len(values)} times: {self.headers}"
        return values[0] if values else None

    def json(self):
        return json.loads(self.body)

    def code(self) -> str:
        """Returns the error code of a body in the form of GraphQL errors."""
        return self.json()["errors"][0]["extensions"]["code"]


def read_head(stream) -> Message | None:
    """Reads a message's head; None at the end of the connection."""
    start = stream.readline()
    if not start:
        return None
    headers = []
    while (line := stream.readline().decode("latin-1").rstrip("\r\n")) != "":
        name, _, value = line.partition(":")
        headers.append((name, value.strip(" \t")))
    return Message(start.decode("latin-1").rstrip("\r\n"), headers)


def read_body(stream, message: Message, until_end: bool = False) -> None:
    """Reads a message's body by its length or its chunks."""
    if "chunked" in (message.one("transfer-encoding") or ""):
        while size := int(stream.readline().split(b";")[0], 16):
            message.body += stream.read(size)
            stream.readline()
        while stream.readline() not in (b"\r\n", b""):
            pass
    elif (length := message.one("content-length")) is not None:
        message.body = stream.read(int(length))
    elif until_end:
        message.body = stream.read()


class Client:
    """Sends requests to a port, each over a connection of its own."""

    def __init__(self, port: int, host: str):
        self.port, self.host = port, host

    def send(self, method: str, target: str, headers=(), body: bytes = b"", cookie: str | None = None) -> Message:
        """Sends a request and returns the response. `headers` are pairs, and sent as they are."""
        head = [f"{method} {target} HTTP/1.1", f"Host: {self.host}", *(f"{name}: {value}" for name, value in headers)]
        if cookie:
            head.append(f"Cookie: {cookie}")
        if body or method in ("POST", "PUT"):
            head.append(f"Content-Length: {len(body)}")
        if not any(name.lower() == "connection" for name, _ in headers):
            head.append("Connection: close")
        with socket.create_connection(("127.0.0.1", self.port), TIMEOUT) as connection:
            connection.sendall("\r\n".join([*head, "", ""]).encode())
            try:
                connection.sendall(body)
            except ConnectionError:
                pass  # A refusal may come before the body is read.
            return self.receive(connection, method)

    @staticmethod
    def receive(connection: socket.socket, method: str = "GET") -> Message:
        """Reads the response to a request."""
        stream = connection.makefile("rb")
        while (message := read_head(stream)) and message.status == 100:
            pass
        assert message, "the connection ended without a response"
        if method != "HEAD" and message.status not in (101, 204, 304):
            read_body(stream, message, until_end=True)
        return message

    def get(self, target: str, headers=(), cookie: str | None = None) -> Message:
        return self.send("GET", target, headers, cookie=cookie)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
