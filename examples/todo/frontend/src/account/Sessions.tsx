import { useMutation } from '@apollo/client/react'
import { useEffect, useRef, useState } from 'react'
import { explain, say, type Problem } from '../gateway'
import { graphql } from '../gql'
import type { AccountFragment } from '../gql/graphql'
import { Time } from '../Time'
import { useProof } from './Proof'
import { Row } from './Row'

const RevokeSession = graphql(`
  mutation RevokeSession($input: RevokeSessionInput!) {
    revokeSession(input: $input) {
      user { ...Account }
      userErrors { code message field retryAfter }
    }
  }
`)

const RevokeOtherSessions = graphql(`
  mutation RevokeOtherSessions {
    revokeOtherSessions {
      user { ...Account }
      userErrors { code message field retryAfter }
    }
  }
`)

interface Props {
  sessions: AccountFragment['sessions']['nodes']
  areMore: boolean
}

const nameOf = (device?: string | null) => device ?? 'Unknown device'

/** The devices on which the user is logged in. */
export function Sessions({ sessions, areMore }: Props) {
  const [revoke] = useMutation(RevokeSession)
  const [revokeOthers] = useMutation(RevokeOtherSessions)
  const [problems, setProblems] = useState<Problem[]>([])
  const [done, setDone] = useState('')
  const [running, setRunning] = useState(false)
  const prove = useProof()
  const said = useRef<HTMLParagraphElement>(null)

  useEffect(() => said.current?.focus(), [problems, done]) // the button with the focus was removed or disabled

  async function end(act: () => Promise<Problem[] | undefined>, done: string) {
    setRunning(true)
    setProblems([])
    setDone('')
    const problems = await prove(async () => await act() ?? []).catch((error) => [{ code: 'FAILED', message: explain(error) }])
    setRunning(false)
    setProblems(problems)
    if (problems.length === 0) setDone(done)
  }

  const endOne = (id: string, name: string) =>
    end(async () => (await revoke({ variables: { input: { id } } })).data?.revokeSession.userErrors, `${name} is logged out.`)
  const endOthers = () =>
    end(async () => (await revokeOthers()).data?.revokeOtherSessions.userErrors, 'You are logged out everywhere else.')

  return (
    <Row title="Devices" summary={sessions.length === 1 ? 'Only this browser' : `${sessions.length}${areMore ? ' or more' : ''} logged in`}>
      <ul>
        {sessions.map(({ id, deviceName, clientAddress, lastSeenAt, current }) => (
          <li key={id}>
            <div>
              <strong>{nameOf(deviceName)}</strong>
              {current && <span className="mark">This browser</span>}
              <p>{clientAddress && `${clientAddress} · `}Last seen <Time at={lastSeenAt} /></p>
            </div>
            <button
              className="quiet small" disabled={running} aria-label={`Log out ${current ? 'this browser' : nameOf(deviceName)}`}
              onClick={() => endOne(id, nameOf(deviceName))}
            >
              Log out
            </button>
          </li>
        ))}
      </ul>
      {areMore && <p>There are more devices.</p>}
      {sessions.length > 1 && <button className="quiet" disabled={running} onClick={endOthers}>Log out everywhere else</button>}
      {problems.length > 0 && <p className="message problem" role="alert" tabIndex={-1} ref={said}>{problems.map(say).join(' ')}</p>}
      {done && <p className="message done" role="status" tabIndex={-1} ref={said}>{done}</p>}
    </Row>
  )
}
