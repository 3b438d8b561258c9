// Stands in for prettier/standalone: JSON is formatted by jsonc-parser, which is in the bundle anyway,
// so that Babel's parser and printer (160 kB gzipped) need not be.
import { applyEdits, format as formatJson } from "jsonc-parser";
import { format as formatOther } from "../node_modules/prettier/standalone.mjs";

export async function format(text, options) {
  if (options.parser !== "jsonc") return formatOther(text, options);
  return applyEdits(text, formatJson(text, undefined, { insertSpaces: true, tabSize: 2, insertFinalNewline: true }));
}

export default { format };
export const printers = {};
export const parsers = {};
