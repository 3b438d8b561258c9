"""Opens a WebSocket over HTTP/2 (RFC 8441), as browsers do if the server allows it. The handshake has no Sec-WebSocket-Key."""

import socket
import struct

from wire import TIMEOUT

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEADERS, RST_STREAM, SETTINGS, GOAWAY = 1, 3, 4, 7
END_HEADERS = 4


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def literal(name: str, value: str) -> bytes:
    """Encodes a header without compression (RFC 7541, section 6.2.2). Both parts have less than 127 bytes."""
    return b"\x00" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()


def open_websocket(port: int, host: str, origin: str, cookie: str) -> None:
    """Sends the handshake, and waits for an answer or for the end of the connection."""
    pairs = (
        (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "http"), (":path", "/socket"), (":authority", host),
        ("origin", origin), ("cookie", cookie), ("sec-websocket-version", "13"),
    )  # fmt: skip
    block = b"".join(literal(name, value) for name, value in pairs)
    with socket.create_connection(("127.0.0.1", port), TIMEOUT) as connection:
        connection.sendall(PREFACE + frame(SETTINGS, 0, 0) + frame(HEADERS, END_HEADERS, 1, block))
        stream = connection.makefile("rb")
        try:
            while len(head := stream.read(9)) == 9 and head[3] not in (HEADERS, RST_STREAM, GOAWAY):
                # A server that speaks only HTTP/1.1 answers with text, whose first bytes are no length of a frame.
                if head.startswith(b"HTTP/1.1"):
                    return
                stream.read(int.from_bytes(head[:3], "big"))
        except ConnectionError:
            pass
