// A browser, as far as a GraphQL client can tell: fetch as a page has it, with the page's origin and a jar for cookies.
import { CookieJar } from 'tough-cookie'
import fetchCookie from 'fetch-cookie'
import { page } from './gateway.js'

const network = globalThis.fetch

/**
 * Makes `fetch` that of a page with an empty jar. As in a browser, cookies are stored and sent for `credentials: 'include'` alone,
 * and what another origin does not let the page read is no answer at all. What it was answered is kept in `answers`.
 *
 * `program: true` is a fetch that reads every answer, as outside of browsers; `accept` overrules the client's own header.
 * `at` says where an address is answered, in place of name servers and a proxy with TLS.
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
