// The way back: a visitor who opens a page for signed-in users logs in first and then gets to that page.

interface Place {
  pathname: string
  search: string
  hash: string
}

/** Returns the address of the login page that leads back to `place`. */
export function loginPath({ pathname, search, hash }: Place): string {
  const path = pathname + search + hash
  return path === '/' ? '/login' : `/login?return_to=${encodeURIComponent(path)}`
}

/**
 * Returns the path that the query string of the login page asks for, or `/`. It stops open redirects: a link from elsewhere must not
 * lead from our login page to another site, which could then ask for the password again.
 */
export function returnPath(search: string): string {
  const wanted = new URLSearchParams(search).get('return_to') ?? '/'
  if (!isPath(wanted) || !URL.canParse(wanted, location.origin)) return '/'
  // As the browser reads it: without tabs and line breaks, and with `\` as `/`.
  const { origin, pathname, search: query, hash } = new URL(wanted, location.origin)
  const path = pathname + query + hash
  return origin === location.origin && isPath(path) ? path : '/'
}

// Two slashes, or a slash and a backslash, begin the name of a host.
const isPath = (text: string) => /^\/(?![/\\])/.test(text)
