// The way from the web server to the gateway: the visitor's cookies go along, and the gateway's come back.
import { cookies, headers } from 'next/headers'

const gateway = process.env.GATELODGE_URL ?? 'http://localhost:8000'

/** Sends an operation for the visitor whose request is being answered. For server components, which cannot set cookies. */
export async function ask<Data>(query: string, variables: object = {}): Promise<Data> {
  return (await send<Data>(query, variables)).data
}

/** Does the same in a server action, and gives the gateway's cookies to the browser. */
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
  // Whose page sent the form (the gateway refuses a stranger's), and the visitor's address for the throttle.
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

/** Reads a Set-Cookie line into what Next.js takes. */
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
