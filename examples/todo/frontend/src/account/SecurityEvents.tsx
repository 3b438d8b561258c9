import type { AccountFragment, SecurityEventKind } from '../gql/graphql'
import { Time } from '../Time'
import { Row } from './Row'

const words: Record<SecurityEventKind, string> = {
  REGISTERED: 'Account created',
  LOGGED_IN: 'Logged in',
  LOGIN_REFUSED: 'Login with a wrong password refused',
  LOGGED_OUT: 'Logged out',
  REAUTHENTICATED: 'Password confirmed',
  PASSWORD_REFUSED: 'Wrong password entered while logged in',
  PASSWORD_CHANGED: 'Password changed',
  USERNAME_CHANGED: 'Username changed',
  SESSION_REVOKED: 'Device logged out',
  USER_DELETED: 'Account deleted',
  USER_DISABLED: 'Account disabled by an administrator',
  USER_ENABLED: 'Account enabled again by an administrator',
  ROLES_CHANGED: 'Roles changed by an administrator',
  USER_ADDED: 'Account added by an administrator',
  USER_UNLOCKED: 'Failed logins reset by an administrator',
}

const nameOf = (kind: SecurityEventKind) => words[kind] ?? kind

/** The security events of the account, so that users notice what they did not do themselves. */
export function SecurityEvents({ events }: { events: AccountFragment['securityEvents']['nodes'] }) {
  return (
    <Row title="Recent activity" summary={events[0] && nameOf(events[0].kind)}>
      <ul>
        {events.map(({ id, kind, createdAt, clientAddress }) => (
          <li key={id}>
            <div>
              <strong>{nameOf(kind)}</strong>
              <p>{clientAddress && `${clientAddress} · `}<Time at={createdAt} /></p>
            </div>
          </li>
        ))}
      </ul>
    </Row>
  )
}
