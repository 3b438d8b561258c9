// GraphiQL for the gateway's own schema.
import "./nonce.js";
import "./monaco.js";
import "./style.css";
import { GraphiQL } from "graphiql";
import { createRoot } from "react-dom/client";
import { fetcher } from "./fetcher.js";
import welcome from "./welcome.graphql?raw";
import { WrapOnPhones } from "./wrap.js";

createRoot(document.getElementById("graphiql")).render(
  // What is typed here may hold a password: it is kept for this tab only, never in localStorage.
  <GraphiQL fetcher={fetcher} defaultQuery={welcome} shouldPersistHeaders={false} storage={sessionStorage}>
    <GraphiQL.Toolbar>
      {({ prettify, merge, copy }) => (
        <>
          {prettify}
          {merge}
          {copy}
          <WrapOnPhones />
        </>
      )}
    </GraphiQL.Toolbar>
  </GraphiQL>,
);
