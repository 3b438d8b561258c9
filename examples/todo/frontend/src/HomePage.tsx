import { useQuery, useSubscription } from '@apollo/client/react'
import { useEffect, useRef } from 'react'
import { Link } from 'react-router'
import { graphql } from './gql'
import { LoadFailure } from './LoadFailure'
import { TaskList } from './tasks/TaskList'
import { Time } from './Time'

// One query for the gateway's fields and the task service's.
const Home = graphql(`
  query Home {
    me { username createdAt ...TaskList }
    session { id expiresAt }
  }
`)

// The user may change the tasks in another window.
const TasksChanged = graphql(`
  subscription TasksChanged {
    tasksChanged
  }
`)

export function HomePage() {
  // With "all", the page shows what it got when the task service does not answer.
  const { data, error, loading, refetch } = useQuery(Home, { errorPolicy: 'all', fetchPolicy: 'cache-and-network' })
  const heading = useRef<HTMLHeadingElement>(null)
  const me = data?.me
  useSubscription(TasksChanged, { skip: !me, onData: () => { void refetch() } })

  useEffect(() => heading.current?.focus(), [me?.id]) // on a new page, screen readers start here

  return (
    <main aria-busy={loading}>
      <title>Home · Gatelodge</title>
      <h1 tabIndex={-1} ref={heading}>{me ? `Hello, ${me.username}` : 'Home'}</h1>
      {me && data.session && (
        <dl>
          <div><dt>Member since</dt><dd><Time at={me.createdAt} /></dd></div>
          <div><dt>Logged in until</dt><dd><Time at={data.session.expiresAt} /></dd></div>
        </dl>
      )}
      {me && <p><Link to="/account">Your account</Link></p>}
      {me && (
        <section className="content tasks" aria-labelledby="tasks">
          <h2 id="tasks">Your tasks</h2>
          {me.tasks && <TaskList tasks={me.tasks} />}
          <LoadFailure error={error} loading={loading} retry={refetch} />
        </section>
      )}
      {!me && <LoadFailure error={error} loading={loading} retry={refetch} />}
    </main>
  )
}
