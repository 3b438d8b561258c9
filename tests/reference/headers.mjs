// Headers that a client forges, and what may arrive of a request's headers at the service, and of an answer's at the client.
const SPELLED = [
  ...["Gatelodge-User-Id", "Gatelodge-Session-Id", "Gatelodge-Roles", "Remote-User", "X-Remote-User"],
  ...["X-Auth-Request-User", "X-Authenticated-User", "X-User-Id", "X-Webauth-User", "X-Forwarded-User"],
];
const respell = [
  (name) => name,
  (name) => name.toLowerCase(),
  (name) => name.toUpperCase(),
  (name) => name.replaceAll("-", "_"),
  (name) => name.replace("-", "_").toUpperCase(),
  (name) => name.replaceAll("-", "."),
];
const MORE = [
  ...["X-Hasura-Admin-Secret", "X-Hasura-Role", "Proxy-Authorization", "Forwarded", "X-Real-Ip", "X-Client-Ip", "True-Client-Ip"],
  ...["X-Original-Url", "X-Rewrite-Url", "X-Ssl-Client-Cert", "X-Forwarded-Email"],
];

// 71 names of headers, in which services could see an identity.
export const FORGED = [...SPELLED.flatMap((name) => respell.map((spell) => spell(name))), ...MORE];
const VALUE = "forged-by-the-client";

// Returns some forged headers. All are used in turn.
let next = 0;
export function forged(count) {
  const headers = {};
  for (let at = 0; at < count; at += 1) headers[FORGED[next++ % FORGED.length]] = VALUE;
  return headers;
}

// Returns what is wrong with a request that arrived at the service. `users` has the ids that a token may name.
export function leaks(request, users) {
  const { rawHeaders } = request;
  const found = [];
  const all = (name) => rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1].toLowerCase() === name);
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (/cookie/i.test(rawHeaders[at]) || /gatelodge=/.test(rawHeaders[at + 1])) found.push(`a cookie: ${rawHeaders[at]}`);
    if (rawHeaders[at + 1].includes(VALUE)) found.push(`a forged header: ${rawHeaders[at]}`);
  }
  const [authorization, second] = all("authorization");
  if (second !== undefined || !authorization?.startsWith("Bearer ")) found.push(`Authorization: ${authorization}, ${second}`);
  else {
    const { aud, sub } = JSON.parse(Buffer.from(authorization.split(".")[1], "base64url"));
    // The gateway itself asks for the schema.
    if (aud !== "tasks" || ![...users, "gatelodge"].includes(sub)) found.push(`a token of ${sub} for ${aud}`);
  }
  if (request.method !== "POST" || all("content-type").join() !== "application/json") found.push(`${request.method} ${all("content-type")}`);
  if (all("accept-encoding").some((value) => value !== "identity")) found.push(`Accept-Encoding: ${all("accept-encoding")}`);
  return found;
}

// Headers of the service's answers that must not reach the client.
export const FROM_SERVICE = {
  "Set-Cookie": ["session=theirs; Path=/", "gatelodge=theirs; Path=/", "__Host-gatelodge=theirs; Path=/; Secure"],
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Credentials": "true",
  "Access-Control-Expose-Headers": "X-Theirs",
  "Gatelodge-Identity": "theirs",
  "Clear-Site-Data": '"*"',
  "Alt-Svc": 'h3=":1"',
};

// Returns what is wrong with the headers of an answer.
export function leaksDown(rawHeaders, origin) {
  const found = [];
  const all = (name) => rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1].toLowerCase() === name);
  if (all("set-cookie").some((value) => value.includes("theirs"))) found.push(`Set-Cookie: ${all("set-cookie")}`);
  for (const name of ["clear-site-data", "alt-svc"]) if (all(name).length > 0) found.push(name);
  for (const name of ["access-control-allow-origin", "access-control-allow-credentials", "access-control-expose-headers", "gatelodge-identity"]) {
    const isOnce = name === "access-control-allow-origin" ? all(name).length === 1 : all(name).length <= 1;
    if (!isOnce) found.push(`${name} is there ${all(name).length} times`);
    if (all(name).some((value) => value === "theirs" || value === "X-Theirs")) found.push(`the service's ${name}`);
  }
  const [allowed] = all("access-control-allow-origin");
  if (allowed !== origin) found.push(`Access-Control-Allow-Origin: ${allowed}`);
  return found;
}
