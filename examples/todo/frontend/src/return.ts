// Redirects after login: a user who opens a page for signed-in users logs in first and then returns to that page.

interface Place {
  pathname: string
  search: string
  hash: string
}

/** Returns the path of the login page that returns to `place` after login. */
export function loginPath({ pathname, search, hash }: Place): string {
  const path = pathname + search + hash
  return path === '/' ? '/login' : `/login?return_to=${encodeURIComponent(path)}`
}

/**
 * Returns the path in the query string of the login page, or `/`. It prevents open redirects: a link on another site must not
 * lead from the login page to a third site, which could then ask for the password again.
 */
export function returnPath(search: string): string {
  const wanted = new URLSearchParams(search).get('return_to') ?? '/'
  if (!isPath(wanted) || !URL.canParse(wanted, location.origin)) return '/'
  // Normalizes the path as the browser does: without tabs and line breaks, and with `\` as `/`.
  const { origin, pathname, search: query, hash } = new URL(wanted, location.origin)
  const path = pathname + query + hash
  return origin === location.origin && isPath(path) ? path : '/'
}

// Two slashes, or a slash and a backslash, start a host name.
const isPath = (text: string) => /^\/(?![/\\])/.test(text)
