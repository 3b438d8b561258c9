// A form that shows all errors at once, each at its field: first those that the page finds, then those of the gateway.
import { useEffect, useId, useRef, useState, type FormEvent, type ReactNode } from 'react'
import { Input, type Field } from './Input'
import { explain, say, type Problem } from './gateway'

interface Props<Name extends string> {
  fields: Field<Name>[]
  button: string
  /** Sends the values and returns the gateway's errors. Empty on success. */
  send: (values: Record<Name, string> & { rememberMe?: string }) => Promise<Problem[]>
  /** The content between the fields and the button. */
  children?: ReactNode
  /** The message on success, if the form stays on the page. The fields are then cleared. */
  done?: string
  /** Whether the action is dangerous, which the button shows. */
  isDangerous?: boolean
  /** Whether the first field gets the focus at once. */
  hasFocus?: boolean
}

export function Form<Name extends string>({ fields, button, send, children, done, isDangerous, hasFocus = true }: Props<Name>) {
  const id = useId()
  const [isDone, setDone] = useState(false)
  const [problems, setProblems] = useState<Problem[]>([])
  const [running, setRunning] = useState(false)
  const [attempts, setAttempts] = useState(0)
  const form = useRef<HTMLFormElement>(null)

  /** Returns the errors that the page can find itself. */
  const validate = (values: Record<Name, string>): Problem[] => fields.flatMap(({ name, missing, check }) => {
    const message = values[name] === '' ? missing : check?.(values[name], values)
    return message ? [{ code: 'INVALID', message, field: [name] }] : []
  })

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const sent = event.currentTarget
    const values = Object.fromEntries(new FormData(sent)) as Record<Name, string>
    setDone(false)
    setProblems([])
    let found = validate(values)
    if (found.length === 0) {
      setRunning(true)
      found = await send(values).catch((error) => [{ code: 'FAILED', message: explain(error) }])
      setRunning(false)
      if (found.length === 0 && done) sent.reset()
      setDone(found.length === 0)
    }
    setProblems(found)
    setAttempts((count) => count + 1)
  }

  useEffect(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"], [role="alert"], [role="status"]')?.focus(), [attempts])

  // A message is shown at its field. A message without such a field is shown under the button.
  const place = ({ field }: Problem) => fields.find(({ name }) => name === field?.at(-1))?.name
  const said = (where?: Name) => problems.filter((problem) => place(problem) === where).map(say).join(' ')

  /** Clears the errors of a field that the user edits. */
  function forget({ target }: FormEvent<HTMLFormElement>) {
    setDone(false)
    if (target instanceof HTMLInputElement) setProblems((all) => all.filter((problem) => place(problem) !== target.name))
  }

  // noValidate: the browser would show one error at a time, with its own message.
  return (
    <form ref={form} onSubmit={submit} onInput={forget} noValidate>
      {fields.map((field, index) => <Input key={field.name} id={id + field.name} field={field} problem={said(field.name)} hasFocus={hasFocus && index === 0} hide={running} />)}
      {children}
      <button className={isDangerous ? 'danger' : undefined} disabled={running}>{button}</button>
      {said() && <p className="message problem" role="alert" tabIndex={-1}>{said()}</p>}
      {isDone && done && <p className="message done" role="status" tabIndex={-1}>{done}</p>}
    </form>
  )
}
