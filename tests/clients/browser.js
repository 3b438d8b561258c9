// A browser as a GraphQL client sees it: the fetch of a page, with the page's origin and a cookie jar.
import { CookieJar } from 'tough-cookie'
import fetchCookie from 'fetch-cookie'
import { page } from './gateway.js'

const network = globalThis.fetch

/**
 * Returns the `fetch` of a page with an empty jar. As in a browser, cookies are stored and sent only with `credentials: 'include'`,
 * and an answer that CORS does not let the page read is a network error. `answers` keeps the answers.
 *
 * With `program: true` it reads every answer, as outside of browsers. `accept` replaces the client's own header.
 * `at` maps an address to the one that answers, in place of name servers and a TLS proxy.
 */
export function openBrowser({ origin = page, program = false, accept, at = {} } = {}) {
  const browser = { jar: new CookieJar(), answers: [] }
  const proxied = async (url, init) => {
    const { origin, pathname, search } = new URL(url)
    const answer = await network((at[origin] ?? origin) + pathname + search, init)
    return Object.defineProperty(answer, 'url', { value: String(url) })
  }
  const withJar = fetchCookie(proxied, browser.jar)
  globalThis.fetch = async (input, init = {}) => {
    const headers = new Headers(init.headers)
    headers.set('Origin', origin)
    if (accept) headers.set('Accept', accept)
    const credentials = init.credentials === 'include'
    const answer = await (credentials ? withJar : proxied)(input, { ...init, headers })
    const readable =
      answer.headers.get('Access-Control-Allow-Origin') === origin &&
      (!credentials || answer.headers.get('Access-Control-Allow-Credentials') === 'true')
    if (!readable && !program) throw new TypeError('Failed to fetch')
    browser.answers.push(answer)
    return answer
  }
  return browser
}
