// A GraphQL service with one subscription. It counts its sockets and streams.
import http from "node:http";
import { WebSocketServer } from "ws";

const EVENT = { data: { ticks: 0 } };

export const SCHEMA = "type Query { ticks: Int }\ntype Subscription { ticks: Int! }\n";

export class Service {
  async start(port = 0) {
    this.streams = new Set();
    this.server = http.createServer((request, response) => this.#stream(request, response));
    this.sockets = new WebSocketServer({ server: this.server, handleProtocols: () => "graphql-transport-ws", perMessageDeflate: false });
    this.sockets.on("connection", (socket) => {
      socket.on("message", (data) => {
        const { type, id } = JSON.parse(data);
        if (type === "connection_init") socket.send('{"type":"connection_ack"}');
        if (type === "ping") socket.send('{"type":"pong"}');
        if (type === "subscribe") socket.send(JSON.stringify({ type: "next", id, payload: EVENT }));
      });
      socket.on("error", () => {});
    });
    await new Promise((resolve, reject) => this.server.once("error", reject).listen(port, "127.0.0.1", resolve));
    this.port = this.server.address().port;
  }

  get open() {
    return this.sockets.clients.size;
  }

  #stream(request, response) {
    this.streams.add(response);
    response.on("close", () => this.streams.delete(response));
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(`event: next\ndata: ${JSON.stringify(EVENT)}\n\n`);
  }

  async stop() {
    for (const socket of this.sockets.clients) socket.close(1012);
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }
}
