// Monaco's three workers (JSON, GraphQL, plain text) in one file, so that what they share is there once.
// The worker's name says which it is.
import "monaco-editor/esm/vs/language/json/json.worker.js";
import { initialize } from "monaco-editor/esm/vs/editor/editor.worker.js";
import { GraphQLWorker } from "monaco-graphql/esm/GraphQLWorker.js";

// The JSON worker has installed itself by its import.
if (self.name !== "json") {
  self.onmessage = () => {
    initialize(self.name === "graphql" ? (context, data) => new GraphQLWorker(context, data) : null);
  };
}
