// All hand-picked cases, in the order of the specification (September 2025).
import { args } from "./arguments.mjs";
import { coercion } from "./coercion.mjs";
import { directives } from "./directives.mjs";
import { execution } from "./execution.mjs";
import { fields } from "./fields.mjs";
import { fragments } from "./fragments.mjs";
import { introspection } from "./introspection.mjs";
import { lexical } from "./lexical.mjs";
import { literals } from "./literals.mjs";
import { operations } from "./operations.mjs";
import { syntax } from "./syntax.mjs";
import { values } from "./values.mjs";
import { variables } from "./variables.mjs";

export const cases = [
  lexical, literals, syntax, introspection, operations, fields, args, fragments, values, directives, variables, coercion, execution,
].flat();
