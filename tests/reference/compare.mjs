// Compares an answer of the gateway with the reference's.
import { differ as differInData, madeNull } from "../differential/compare.mjs";
import { print } from "./raw_json.mjs";

// Returns the difference in one line, or `undefined` if there is none.
export function differ(result, identity) {
  const { request, expected, actual, calls, leaked } = result;
  return (
    differInData(request, expected, actual) ??
    (expected.stage === "executed" ? differInErrors(expected, actual) : undefined) ??
    differInExtensions(actual, identity, calls) ??
    wrongCalls(result) ??
    (leaked.length > 0 ? `leaked to the client: ${leaked.join("; ")}` : undefined)
  );
}

// Of several errors that make one null it is open which are reported. All others are the same.
function differInErrors(expected, actual) {
  const [wanted, got] = [byNull(expected), byNull(actual)];
  for (const [place, errors] of wanted) {
    const others = got.get(place) ?? [];
    const isOpen = errors.length > 1 || others.length > 1;
    if (isOpen ? !errors.some((error) => others.includes(error)) : errors[0] !== others[0]) return `errors: ${errors.join(" ")}\n       and: ${others.join(" ")}`;
  }
  return undefined;
}

function byNull({ data, errors }) {
  const places = new Map();
  for (const error of errors) {
    const place = madeNull(data, error);
    const { message, path, locations, extensions: { code, ...more } = {} } = error.toJSON?.() ?? error;
    // The gateway's own errors have other messages and members than the reference's, and the location of one of a key's fields.
    const isOwn = /^(UNAUTHENTICATED|FORBIDDEN|BAD_USER_INPUT|NOT_FOUND)$/.test(code);
    const text = print(isOwn ? { path, location: locations?.[0], code } : { path, locations, message, code, more });
    places.set(place, [...(places.get(place) ?? []), text]);
  }
  return places;
}

function differInExtensions({ extensions = {}, answer }, identity, calls) {
  const sets = answer.cookies.length > 0;
  if (typeof extensions.identity !== "string" || (!sets && extensions.identity !== identity)) return `extensions.identity: ${extensions.identity}, not ${identity}`;
  const half = calls.find(({ isJoin }) => !isJoin);
  const { identity: _, ...theirs } = half?.extensions ?? {};
  for (const [key, value] of Object.entries(theirs)) {
    if (print(extensions[key]) !== print(value)) return `the service's extensions.${key}: ${print(extensions[key])}, not ${print(value)}`;
  }
  return undefined;
}

// An operation takes one request for the service's root fields, and one for all joined fields.
function wrongCalls({ request, expected, actual, calls }) {
  const problems = calls.flatMap((call) => call.problems);
  const joins = calls.filter(({ isJoin }) => isJoin).length;
  if (joins > 1 || calls.length - joins > 1) problems.push(`${calls.length} requests, ${joins} of them for joined fields`);
  const mustAsk = expected.sides?.includes("service") && request.caller !== "stranger" && actual.stage === "executed";
  if (mustAsk && calls.length === joins) problems.push("no request for its root fields");
  return problems.length > 0 ? `at the service: ${problems.join("; ")}` : undefined;
}
