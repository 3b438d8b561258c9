// A Vite plugin that writes LICENSES.txt: the licence of every package with code in the bundle, in its own words.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const modules = join(import.meta.dirname, "node_modules");

// Packages published without the licence text of their repository, and a neighbour of the same author that has it.
const neighbours = {
  "@graphiql/plugin-doc-explorer": "@graphiql/react",
  "@graphiql/plugin-history": "@graphiql/react",
  "react-compiler-runtime": "react",
  "react-remove-scroll-bar": "react-remove-scroll",
};

// What leaves its code in the bundle without a module of its own there.
const tools = ["vite", "rolldown"];

const inMonaco = `Inside monaco-editor, beside what its notices name:
DOMPurify 3.1.7, (c) Cure53 and other contributors, Apache License 2.0 (text above) or Mozilla Public License 2.0.
Codicons (the icon font codicon-*.ttf), (c) Microsoft Corporation, Creative Commons Attribution 4.0 International.`;

// The folder and manifest of the package that a file belongs to.
function packageOf(id) {
  const folder = id.match(/^.*\/node_modules\/(@[^/]+\/)?[^/?]+/)?.[0].replace(/^\0/, "");
  return folder && { folder, ...JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) };
}

function read(folder, pattern) {
  const file = readdirSync(folder).find((name) => pattern.test(name));
  return file && readFileSync(join(folder, file), "utf8").trim();
}

function licenceIn(folder) {
  // Vite's goes on with what is inside that tool; none of it reaches the bundle.
  return read(folder, /^licen[sc]e([.-].*)?$/i)?.split("\n# Licenses of bundled dependencies")[0].trim();
}

export function licenses() {
  return {
    name: "licenses",
    generateBundle(_options, bundle) {
      const ids = Object.values(bundle).flatMap((chunk) => Object.keys(chunk.modules ?? {}));
      const found = [...ids, ...tools.map((name) => join(modules, name, "/"))].map(packageOf).filter(Boolean);
      const packages = new Map(found.map((it) => [`${it.name} ${it.version}`, it]));

      const parts = ["Gatelodge's GraphiQL page holds code of the packages below, each under its own licence."];
      for (const title of [...packages.keys()].sort()) {
        const { name, folder, license } = packages.get(title);
        const text = licenceIn(folder) ?? (name in neighbours && licenceIn(join(modules, neighbours[name])));
        if (!text) this.error(`${title} comes without a licence text: name a neighbour in licenses.js`);
        parts.push(`${title} (${license})\n\n${text}`);

        const notices = tools.includes(name) ? null : read(folder, /^third-?party/i);
        if (notices) parts.push(`${title}: third parties\n\n${notices}`);
        if (name === "monaco-editor") parts.push(inMonaco);
      }
      const source = `${parts.join(`\n\n${"=".repeat(80)}\n`)}\n`.replaceAll("\r\n", "\n");
      this.emitFile({ type: "asset", fileName: "LICENSES.txt", source });
    },
  };
}
