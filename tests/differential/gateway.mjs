// The gateway under test: requests over a few kept connections, and the callers that send them.
import http from "node:http";

const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
const MAX_ATTEMPTS = 4;
const CODES = { GRAPHQL_PARSE_FAILED: "parse", GRAPHQL_VALIDATION_FAILED: "validation", BAD_USER_INPUT: "variables" };

export class Gateway {
  // `read` makes an object from the text of a body.
  constructor(url, read = JSON.parse) {
    this.read = read;
    this.url = `${url}/graphql`;
    this.origin = url;
    this.repeated = 0;
  }

  // Sends one request. `variables` is JSON text, so that numbers keep their spelling.
  send({ query, operationName, variables, headers: more }, cookie, agentName, again = false) {
    const name = operationName === undefined ? "" : `,"operationName":${JSON.stringify(operationName)}`;
    const body = `{"query":${JSON.stringify(query)}${name},"variables":${variables ?? "{}"}}`;
    const headers = { "content-type": "application/json", accept: "application/json", origin: this.origin, "content-length": Buffer.byteLength(body), ...more };
    if (cookie) headers.cookie = cookie;
    if (agentName) headers["user-agent"] = agentName;
    return new Promise((resolve, reject) => {
      const request = http.request(this.url, { method: "POST", agent: again ? new http.Agent() : agent, headers, timeout: 30_000 }, (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          try {
            const { statusCode: status, headers, rawHeaders } = response;
            resolve({ body: this.read(Buffer.concat(chunks).toString()), status, headers, rawHeaders, cookies: headers["set-cookie"] ?? [] });
          } catch (error) {
            reject(error);
          }
        });
      });
      request.on("error", (error) => {
        // The gateway closed a kept connection just as it was used again. A second failure is on a fresh connection, and counts.
        if (error.code !== "ECONNRESET" || !request.reusedSocket || again) return reject(error);
        this.repeated += 1;
        resolve(this.send({ query, operationName, variables, headers: more }, cookie, agentName, true));
      });
      request.on("timeout", () => request.destroy(new Error("no answer in time")));
      request.end(body);
    });
  }

  // Returns how far a request came, its data and its errors.
  async run(request, cookie) {
    const answer = await this.#patient(request, cookie);
    const { data, errors = [], extensions } = answer.body;
    if ("data" in answer.body) return { stage: "executed", data, errors, extensions, answer };
    const code = errors[0]?.extensions?.code;
    return { stage: CODES[code] ?? `${code}`, errors, extensions, answer, message: errors[0]?.message };
  }

  // Repeats a request that the gateway gave up because the machine was busy.
  async #patient(request, cookie) {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.send(request, cookie);
      const unavailable = answer.body.errors?.some(({ extensions }) => extensions?.code === "SERVICE_UNAVAILABLE");
      if (!unavailable || attempt === MAX_ATTEMPTS) return answer;
      this.repeated += 1;
    }
  }

  async logIn(username, password, agentName) {
    const query = "mutation ($input: LoginInput!) { login(input: $input) { user { id } userErrors { code message } } }";
    const variables = JSON.stringify({ input: { username, password } });
    const { body, cookies } = await this.send({ query, variables }, undefined, agentName);
    if (!body.data?.login.user) throw new Error(`cannot log in: ${JSON.stringify(body)}`);
    return cookies.map((cookie) => cookie.split(";")[0]).join("; ");
  }

  close() {
    agent.destroy();
  }
}
