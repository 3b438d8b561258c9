// The reference: the gateway's and the service's schema in one graphql-js server.
import { GraphQLError } from "../differential/graphql.mjs";
import { Reference, resolve as resolveOwn } from "../differential/reference.mjs";
import { read } from "./raw_json.mjs";

const OWN_ID = /^(user|session)_[^_]*$/;

export function reference({ schema, fields }, world, theirs) {
  // The root fields decide which side answers, and the gateway's fields of a user are its own. Everything else belongs to the
  // type's side.
  function isOwn(source, args, info) {
    const { parentType: { name: parent }, fieldName: field, path } = info;
    if (parent === "User" && source.isTheirs) return false;
    if (parent === "Query" && field === "node") return path.prev === undefined && OWN_ID.test(args.id);
    if (parent in fields) return fields[parent].includes(field);
    return !(parent in theirs) && !source.isTheirs;
  }

  const sides = new Set();
  function fieldResolver(source, args, context, info) {
    const side = isOwn(source, args, info) ? "gateway" : "service";
    if (info.path.prev === undefined) sides.add(side);
    if (side === "gateway") return resolveOwn(source, args, context, info);
    // The service requires a session.
    if (info.path.prev === undefined && !context.caller.user) throw new GraphQLError("", { extensions: { code: "UNAUTHENTICATED" } });
    const resolver = theirs[info.parentType.name]?.[info.fieldName];
    return resolver ? resolver(source, args, { viewer: context.caller.user?.id }) : source[info.fieldName];
  }

  const typeResolver = (value) => value.__typename ?? value.id.split("_")[0].replace(/^./, (letter) => letter.toUpperCase());
  const both = new Reference(schema, world, { fieldResolver, typeResolver, read });
  return {
    // Returns the result, and which sides its root fields have.
    run(request, caller) {
      sides.clear();
      return { ...both.run(request, caller), sides: [...sides].sort().join(" and ") || "neither" };
    },
  };
}
