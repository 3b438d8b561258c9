import { useMutation } from '@apollo/client/react'
import { useEffect, useRef, useState } from 'react'
import { Form } from '../Form'
import { explain, say, type Problem } from '../gateway'
import { graphql } from '../gql'
import type { TaskListFragment } from '../gql/graphql'

// The data of the list. The mutations that change its length return the same fragment, so the list updates itself.
graphql(`
  fragment TaskList on User {
    id
    tasks { id title done }
  }
`)

const AddTask = graphql(`
  mutation AddTask($input: AddTaskInput!) {
    addTask(input: $input) {
      user { ...TaskList }
      userErrors { code message field }
    }
  }
`)

const SetTaskDone = graphql(`
  mutation SetTaskDone($input: SetTaskDoneInput!) {
    setTaskDone(input: $input) {
      task { id done }
      userErrors { code message field }
    }
  }
`)

const DeleteTask = graphql(`
  mutation DeleteTask($input: DeleteTaskInput!) {
    deleteTask(input: $input) {
      user { ...TaskList }
      userErrors { code message field }
    }
  }
`)

/** The user's tasks, which another service keeps. The gateway forwards these mutations to it. */
export function TaskList({ tasks }: { tasks: NonNullable<TaskListFragment['tasks']> }) {
  const [add] = useMutation(AddTask)
  const [setDone] = useMutation(SetTaskDone)
  const [remove] = useMutation(DeleteTask)
  const [problems, setProblems] = useState<Problem[]>([])
  const [running, setRunning] = useState(false)
  const list = useRef<HTMLUListElement>(null)
  const said = useRef<HTMLParagraphElement>(null)

  useEffect(() => { if (problems.length > 0) said.current?.focus() }, [problems])

  /** Runs a change of one task. Returns whether it succeeded. */
  async function change(act: () => Promise<Problem[] | undefined>) {
    setRunning(true)
    const problems = await act().catch((error) => [{ code: 'FAILED', message: explain(error) }]) ?? []
    setRunning(false)
    setProblems(problems)
    return problems.length === 0
  }

  function mark(id: string, done: boolean) {
    // Shown until the answer arrives. After an error the box is as before.
    const optimisticResponse = { setTaskDone: { __typename: 'SetTaskDonePayload', task: { __typename: 'Task', id, done }, userErrors: [] } }
    return change(async () => (await setDone({ variables: { input: { id, done } }, optimisticResponse })).data?.setTaskDone.userErrors)
  }

  async function erase(id: string) {
    const isGone = await change(async () => (await remove({ variables: { input: { id } } })).data?.deleteTask.userErrors)
    if (isGone) list.current?.focus() // the button with the focus was removed
  }

  return (
    <>
      <ul ref={list} tabIndex={-1} aria-label="Your tasks">
        {tasks.map(({ id, title, done }) => (
          <li key={id}>
            <label className="choice">
              <input type="checkbox" checked={done} onChange={() => mark(id, !done)} /> {done ? <s>{title}</s> : title}
            </label>
            <button className="quiet small" disabled={running} aria-label={`Delete ${title}`} onClick={() => erase(id)}>Delete</button>
          </li>
        ))}
      </ul>
      {tasks.length === 0 && <p>Nothing to do yet.</p>}
      {problems.length > 0 && <p className="message problem" role="alert" tabIndex={-1} ref={said}>{problems.map(say).join(' ')}</p>}
      <Form
        button="Add task"
        done="The task is added."
        hasFocus={false}
        fields={[{ name: 'title', label: 'New task', type: 'text', autoComplete: 'off', missing: 'Enter a task.' }]}
        send={async ({ title }) => (await add({ variables: { input: { title } } })).data?.addTask.userErrors ?? []}
      />
    </>
  )
}
