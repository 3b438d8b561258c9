import type { AccountFragment, SecurityEventKind } from '../gql/graphql'
import { Time } from '../Time'

const words: Record<SecurityEventKind, string> = {
  REGISTERED: 'Account created',
  LOGGED_IN: 'Logged in',
  LOGIN_REFUSED: 'Somebody tried to log in with a wrong password',
  LOGGED_OUT: 'Logged out',
  REAUTHENTICATED: 'Password given once more',
  PASSWORD_REFUSED: 'Somebody who was logged in gave a wrong password',
  PASSWORD_CHANGED: 'Password changed',
  USERNAME_CHANGED: 'Username changed',
  SESSION_REVOKED: 'Logged out from elsewhere',
  USER_DELETED: 'Account deleted',
  USER_DISABLED: 'Account disabled by an administrator',
  USER_ENABLED: 'Account enabled again by an administrator',
  ROLES_CHANGED: 'Roles changed by an administrator',
  USER_ADDED: 'Account added by an administrator',
  USER_UNLOCKED: 'Failed logins forgiven by an administrator',
}

/** What happened to the account: its owner sees what they did not do themselves. */
export function SecurityEvents({ events }: { events: AccountFragment['securityEvents']['nodes'] }) {
  return (
    <section>
      <h2>What happened lately</h2>
      <ul>
        {events.map(({ id, kind, createdAt, clientAddress }) => (
          <li key={id}>
            <div>
              <strong>{words[kind] ?? kind}</strong>
              <p>{clientAddress && `${clientAddress} · `}<Time at={createdAt} /></p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}
