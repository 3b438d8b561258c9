// Sends operations from the web server to the gateway, forwards the browser's cookies, and returns the gateway's.
import { cookies, headers } from 'next/headers'

const gateway = process.env.GATELODGE_URL ?? 'http://localhost:8000'

/** Sends an operation with the cookies of the current request. For server components, which cannot set cookies. */
export async function ask<Data>(query: string, variables: object = {}): Promise<Data> {
  return (await send<Data>(query, variables)).data
}

/** Does the same in a server action, and returns the gateway's cookies to the browser. */
export async function act<Data>(query: string, variables: object = {}): Promise<Data> {
  const { data, setCookies } = await send<Data>(query, variables)
  const jar = await cookies()
  for (const line of setCookies) jar.set(...parse(line))
  return data
}

async function send<Data>(query: string, variables: object) {
  const mine = (await cookies()).getAll().filter(({ name }) => /^(__Host-)?gatelodge/.test(name))
  const sent = new Headers({ 'Content-Type': 'application/json', Accept: 'application/graphql-response+json' })
  sent.set('Cookie', mine.map(({ name, value }) => `${name}=${value}`).join('; '))
  // The origin of the page that sent the form, for the gateway's check, and the client's address for the throttle.
  const received = await headers()
  for (const name of ['Origin', 'X-Forwarded-For']) {
    const value = received.get(name)
    if (value) sent.set(name, value)
  }
  const answer = await fetch(`${gateway}/graphql`, { method: 'POST', headers: sent, body: JSON.stringify({ query, variables }), cache: 'no-store' })
  const { data, errors } = await answer.json() as { data: Data; errors?: { extensions?: { code?: string } }[] }
  if (errors) throw new Error(`The gateway answered ${errors[0]?.extensions?.code}`)
  return { data, setCookies: answer.headers.getSetCookie() }
}

/** Parses a Set-Cookie line for Next.js's `cookies().set`. */
function parse(line: string) {
  const [pair, ...rest] = line.split(/; */).map((part) => [part.split('=', 1)[0] ?? '', part.slice(part.indexOf('=') + 1)] as const)
  const attributes = new Map(rest.map(([name, value]) => [name.toLowerCase(), value]))
  const maxAge = attributes.get('max-age')
  return [pair?.[0] ?? '', pair?.[1] ?? '', {
    httpOnly: attributes.has('httponly'),
    secure: attributes.has('secure'),
    partitioned: attributes.has('partitioned'),
    sameSite: attributes.get('samesite')?.toLowerCase() as 'lax' | 'strict' | 'none' | undefined,
    path: attributes.get('path') ?? '/',
    maxAge: maxAge === undefined ? undefined : Number(maxAge),
  }] as const
}
