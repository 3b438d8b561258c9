// Ends many sessions in every way and checks that their sockets end within a second.
import assert from "node:assert/strict";
import { PASSWORD, logIn, register, run, sleep, subscribe } from "./gate.mjs";

const LIMIT_MS = 1000;
const CONCURRENCY = 16;
const NEW_PASSWORD = "another horse 43 battery";

// Calls a function for each number below a count, several at once, and returns the results in order.
export async function times(count, action) {
  const results = new Array(count);
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const at = next++;
      results[at] = await action(at);
    }
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, count) }, worker));
  return results;
}

// Waits until a socket is closed, and returns the time since the answer. Null: it is open after the limit and a grace time.
async function delay(socket, answered) {
  const ended = await Promise.race([socket.ended, sleep(5 * LIMIT_MS)]);
  if (!ended) return null;
  assert.equal(ended.code, 4403, "close code");
  return Math.max(0, ended.at - answered);
}

const changePassword = "mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { user { id } userErrors { message } } }";
const deleteUser = "mutation ($input: DeleteUserInput!) { deleteUser(input: $input) { deletedUserId userErrors { message } } }";
const passwords = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD, confirmPassword: NEW_PASSWORD };

// Each ends the sessions of a user: `cookie` is the session with the socket, `other` another session of the same user.
const WAYS = {
  logout: (node, { cookie }) => run(node, cookie, "mutation { logout { __typename } }"),
  revokeOtherSessions: (node, { other }) => run(node, other, "mutation { revokeOtherSessions { __typename } }"),
  changePassword: (node, { other }) => run(node, other, changePassword, passwords),
  deleteUser: (node, { cookie }) => run(node, cookie, deleteUser, { currentPassword: PASSWORD }),
  "gatelodge user disable": (node, { username }) => node.command("user", "disable", username),
  "gatelodge user delete": (node, { username }) => node.command("user", "delete", username),
};

export async function endings({ nodes, service, prefix, size, tell }) {
  const [first, last] = [nodes[0], nodes.at(-1)];
  const where = first === last ? "" : ", on another node";
  for (const [name, end] of Object.entries(WAYS)) {
    const count = name === "logout" ? size.logouts : size.others;
    const users = await times(count, async (at) => {
      const username = `${prefix}-${name.replaceAll(/[^a-z]/gi, "")}-${at}`;
      const cookie = await register(first, username);
      const other = name === "logout" ? undefined : await logIn(first, username);
      return { username, cookie, other, socket: await subscribe(first, cookie) };
    });
    const open = service.open;
    assert.equal(open, count, "sockets of the service before");
    const delays = await times(count, async (at) => {
      await end(last, users[at]);
      return delay(users[at].socket, performance.now());
    });
    await sleep(100);
    const late = delays.filter((time) => time === null || time > LIMIT_MS).length;
    const sorted = delays.filter((time) => time !== null).sort((a, b) => a - b);
    const figure = (share) => `${Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN)} ms`;
    tell(`${count} × ${name}${where}`, `${late} open after 1 s; p50 ${figure(0.5)}, maximum ${figure(1)}`);
    assert.equal(late, 0, `${name}: sockets open after 1 s`);
    assert.equal(service.open, 0, `${name}: sockets of the service`);
  }
}
