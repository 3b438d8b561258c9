import { useMutation } from '@apollo/client/react'
import { useEffect, useRef, useState } from 'react'
import { explain, say, type Problem } from '../gateway'
import { graphql } from '../gql'
import type { AccountFragment } from '../gql/graphql'
import { Time } from '../Time'
import { useProof } from './Proof'

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

const nameOf = (device?: string | null) => device ?? 'an unknown device'

/** Where the person is logged in. */
export function Sessions({ sessions, areMore }: Props) {
  const [revoke] = useMutation(RevokeSession)
  const [revokeOthers] = useMutation(RevokeOtherSessions)
  const [problems, setProblems] = useState<Problem[]>([])
  const [running, setRunning] = useState(false)
  const prove = useProof()
  const heading = useRef<HTMLHeadingElement>(null)
  const alert = useRef<HTMLParagraphElement>(null)

  useEffect(() => { if (problems.length > 0) alert.current?.focus() }, [problems])

  async function end(act: () => Promise<Problem[] | undefined>) {
    setRunning(true)
    setProblems([])
    const problems = await prove(async () => await act() ?? []).catch((error) => [{ code: 'FAILED', message: explain(error) }])
    setRunning(false)
    setProblems(problems)
    if (problems.length === 0) heading.current?.focus() // the button that had the focus is gone
  }

  const endOne = (id: string) => end(async () => (await revoke({ variables: { input: { id } } })).data?.revokeSession.userErrors)
  const endOthers = () => end(async () => (await revokeOthers()).data?.revokeOtherSessions.userErrors)

  return (
    <section>
      <h2 tabIndex={-1} ref={heading}>Where you are logged in</h2>
      <ul>
        {sessions.map(({ id, deviceName, clientAddress, lastSeenAt, current }) => (
          <li key={id}>
            <div>
              <strong>{nameOf(deviceName)}</strong>
              {current && <span className="mark">This browser</span>}
              <p>{clientAddress && `${clientAddress} · `}Last seen <Time at={lastSeenAt} /></p>
            </div>
            <button
              className="quiet" disabled={running} aria-label={`Log out ${current ? 'this browser' : nameOf(deviceName)}`}
              onClick={() => endOne(id)}
            >
              Log out
            </button>
          </li>
        ))}
      </ul>
      {areMore && <p>There are more than these.</p>}
      {sessions.length > 1 && <button disabled={running} onClick={endOthers}>Log out everywhere else</button>}
      <p className="note problem" role="alert" tabIndex={-1} ref={alert}>{problems.map(say).join(' ')}</p>
    </section>
  )
}
