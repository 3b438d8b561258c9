// Asks the gateway for the visitor whose request a web server is answering.
export async function ask(gateway, request, query, variables) {
  const headers = { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json' }
  // The session, and the origin of the page that sent the form: the gateway refuses forms of other origins.
  for (const name of ['cookie', 'origin']) if (request.headers[name]) headers[name] = request.headers[name]
  headers['X-Forwarded-For'] = [request.headers['x-forwarded-for'], request.socket.remoteAddress].filter(Boolean).join(', ')

  const answer = await fetch(`${gateway}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query, variables }) })
  return { ...(await answer.json()), status: answer.status, cookies: answer.headers.getSetCookie() }
}
