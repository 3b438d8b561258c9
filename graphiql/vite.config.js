import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { licenses } from "./licenses.js";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

// The worker as one more entry of the same build, not a build of its own as `?worker` would make it:
// so page and worker share what both need (graphql-js, the half of Monaco without a screen, prettier).
const worker = {
  name: "worker-url",
  resolveId: (id) => (id === "worker-url" ? "\0worker-url" : null),
  load(id) {
    if (id !== "\0worker-url") return null;
    const file = this.emitFile({ type: "chunk", id: here("src/worker.js"), name: "worker" });
    return `export default import.meta.ROLLUP_FILE_URL_${file};`;
  },
};

export default defineConfig({
  base: "/graphql/assets/",
  plugins: [react(), worker, licenses()],
  resolve: {
    alias: [
      { find: /^prettier\/(standalone|plugins\/estree|parser-babel)$/, replacement: here("src/prettier.js") },
      { find: "prettier/parser-graphql", replacement: here("node_modules/prettier/plugins/graphql.mjs") },
      { find: "monaco-graphql/esm/monaco-editor.js", replacement: here("src/editor.js") },
    ],
  },
  build: {
    outDir: "build",
    assetsDir: "",
    // A file each: the policy has no font-src data:.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 3000,
    rolldownOptions: {
      // "use no memo" speaks to React's compiler, which has run before the packages were published.
      onwarn: (warning, warn) => warning.code === "MODULE_LEVEL_DIRECTIVE" || warn(warning),
    },
  },
});
