// A service that answers as a test wants, byte by byte.
import net from "node:net";

export class Fake {
  constructor() {
    this.connections = new Set();
    this.server = net.createServer((socket) => this.#connected(socket));
  }

  async listen(port) {
    await new Promise((resolve, reject) => this.server.once("error", reject).listen(port, "127.0.0.1", resolve));
    return this;
  }

  async close() {
    for (const socket of this.connections) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  // Answers from now on with `answer(socket, request)`. `request` has `head` and `body`, both as text.
  answerWith(answer) {
    this.answer = answer;
    this.requests = [];
    return this;
  }

  // Returns the next request, and the socket that it came on.
  next() {
    const { promise, resolve } = withResolvers();
    this.waiting = resolve;
    return promise;
  }

  #connected(socket) {
    this.connections.add(socket);
    socket.on("close", () => this.connections.delete(socket));
    socket.on("error", () => {});
    let received = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      const end = received.indexOf("\r\n\r\n");
      if (end < 0) return;
      const head = received.subarray(0, end).toString("latin1");
      const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
      if (received.length < end + 4 + length) return;
      const request = { head, body: received.subarray(end + 4, end + 4 + length).toString(), socket };
      received = received.subarray(end + 4 + length);
      this.requests.push(request);
      this.waiting?.(request);
      this.answer(socket, request);
    });
  }
}

export function withResolvers() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}

// Returns a whole answer.
export function whole(body, { status = "200 OK", type = "application/json", headers = [] } = {}) {
  const bytes = Buffer.from(body);
  const head = [`HTTP/1.1 ${status}`, `Content-Type: ${type}`, `Content-Length: ${bytes.length}`, ...headers, "", ""].join("\r\n");
  return Buffer.concat([Buffer.from(head, "latin1"), bytes]);
}

export const CHUNKED_HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";

// Returns a chunk of a chunked body.
export function chunk(bytes) {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
}

// Writes a body in pieces, each in a chunk and a packet of its own.
export async function inChunks(socket, pieces) {
  socket.setNoDelay(true);
  socket.write(CHUNKED_HEAD);
  for (const piece of pieces.filter(({ length }) => length > 0)) {
    await new Promise((resolve) => socket.write(chunk(piece), resolve));
    await new Promise((resolve) => setImmediate(resolve));
  }
  socket.write("0\r\n\r\n");
}

// Calls `write` every `interval` milliseconds until the socket is closed.
export function repeatedly(socket, interval, write) {
  const timer = setInterval(write, interval);
  socket.on("close", () => clearInterval(timer));
}
