// A form that says all mistakes at once, each at its field: first those that the page sees, then those that the gateway finds.
import { useEffect, useId, useRef, useState, type FormEvent, type ReactNode } from 'react'
import { Input, type Field } from './Input'
import { explain, say, type Problem } from './gateway'

interface Props<Name extends string> {
  fields: Field<Name>[]
  button: string
  /** Sends what was typed and returns the mistakes that the gateway found; none when all went well. */
  send: (values: Record<Name, string> & { rememberMe?: string }) => Promise<Problem[]>
  /** What stands between the fields and the button. */
  children?: ReactNode
  /** What the form says when all went well, if it stays; it is empty then. */
  done?: string
  /** Whether the button is one to think twice about. */
  isDangerous?: boolean
}

export function Form<Name extends string>({ fields, button, send, children, done, isDangerous }: Props<Name>) {
  const id = useId()
  const [isDone, setDone] = useState(false)
  const [problems, setProblems] = useState<Problem[]>([])
  const [running, setRunning] = useState(false)
  const [attempts, setAttempts] = useState(0)
  const form = useRef<HTMLFormElement>(null)

  /** The mistakes that need no gateway. */
  const look = (values: Record<Name, string>): Problem[] => fields.flatMap(({ name, missing, check }) => {
    const message = values[name] === '' ? missing : check?.(values[name], values)
    return message ? [{ code: 'INVALID', message, field: [name] }] : []
  })

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const sent = event.currentTarget
    const values = Object.fromEntries(new FormData(sent)) as Record<Name, string>
    setDone(false)
    setProblems([])
    let found = look(values)
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

  // A message stands at the field that it names; one that names none of these stands under the button.
  const place = ({ field }: Problem) => fields.find(({ name }) => name === field?.at(-1))?.name
  const said = (where?: Name) => problems.filter((problem) => place(problem) === where).map(say).join(' ')

  /** A field that is typed in again is no longer wrong. */
  function forget({ target }: FormEvent<HTMLFormElement>) {
    setDone(false)
    if (target instanceof HTMLInputElement) setProblems((all) => all.filter((problem) => place(problem) !== target.name))
  }

  // noValidate: the browser would say one mistake at a time, in its own words.
  return (
    <form ref={form} onSubmit={submit} onInput={forget} noValidate>
      {fields.map((field, index) => <Input key={field.name} id={id + field.name} field={field} problem={said(field.name)} isFirst={index === 0} hide={running} />)}
      {children}
      <button className={isDangerous ? 'danger' : undefined} disabled={running}>{button}</button>
      {said() && <p className="message problem" role="alert" tabIndex={-1}>{said()}</p>}
      {isDone && done && <p className="message done" role="status" tabIndex={-1}>{done}</p>}
    </form>
  )
}
