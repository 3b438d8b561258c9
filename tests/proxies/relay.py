"""A relay that ends a kept connection when the second request comes, as a server does whose idle timeout has just passed."""

import socket
import socketserver
import threading

from wire import TIMEOUT, Message, read_body, read_head


class Relay:
    """Listens on a free port, and relays the first request of each connection to `target`."""

    def __init__(self, target: int):
        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                if (request := read_head(self.rfile)) is None:
                    return
                with socket.create_connection(("127.0.0.1", target), TIMEOUT) as connection:
                    connection.sendall(raw(request))
                    stream = connection.makefile("rb")
                    answer = read_head(stream)
                    read_body(stream, answer)
                self.wfile.write(raw(answer))
                self.rfile.readline()

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):
                """A proxy may end a connection at any time."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def raw(message: Message) -> bytes:
    lines = [message.start, *(f"{name}: {value}" for name, value in message.headers), "", ""]
    return "\r\n".join(lines).encode("latin-1") + message.body
