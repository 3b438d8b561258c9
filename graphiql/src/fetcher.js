// Sends an operation to the gateway that served this page, with its cookies.
export async function fetcher(operation, { headers } = {}) {
  const response = await fetch("/graphql", {
    method: "POST",
    credentials: "same-origin",
    headers: {
      accept: "application/graphql-response+json, application/json",
      "content-type": "application/json",
      ...headers,
    },
    body: JSON.stringify(operation),
  });
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    // Not from the gateway: a proxy in front of it, most likely.
    return { errors: [{ message: `HTTP ${response.status} without a GraphQL answer: ${text.slice(0, 500)}` }] };
  }
}
