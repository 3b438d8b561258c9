// A form whose errors come from the gateway: each message stands at its field, and the first one gets the focus.
import { useEffect, useId, useRef, useState, type FormEvent, type ReactNode } from 'react'
import { explain, say, type Problem } from './gateway'

interface Field<Name extends string> {
  name: Name
  label: string
  type: 'text' | 'password'
  autoComplete: string // what password managers go by
  hint?: string | undefined
}

interface Props<Name extends string> {
  fields: Field<Name>[]
  button: string
  /** Sends what was typed; what it returns is shown, and nothing when all went well. */
  send: (values: Record<Name, string> & { rememberMe?: string }) => Promise<Problem[]>
  /** What stands between the fields and the button. */
  children?: ReactNode
  /** What is said when all went well, if the form stays; it is empty then. */
  done?: string
  /** Whether the button is one to think twice about. */
  isDangerous?: boolean
  /** Whether the page, or dialog, is there for this form: the first field gets the focus then. */
  isMain?: boolean
}

export function Form<Name extends string>({ fields, button, send, children, done, isDangerous, isMain = true }: Props<Name>) {
  const id = useId()
  const [isDone, setDone] = useState(false)
  const [problems, setProblems] = useState<Problem[]>([])
  const [running, setRunning] = useState(false)
  const form = useRef<HTMLFormElement>(null)

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const sent = event.currentTarget
    const values = Object.fromEntries(new FormData(sent)) as Record<Name, string>
    setRunning(true)
    setDone(false)
    setProblems([])
    const problems = await send(values).catch((error) => [{ code: 'FAILED', message: explain(error) }])
    if (problems.length === 0 && done) sent.reset()
    setProblems(problems)
    setDone(problems.length === 0)
    setRunning(false)
  }

  useEffect(() => {
    if (problems.length > 0) form.current?.querySelector<HTMLElement>('[aria-invalid="true"], [role="alert"]')?.focus()
  }, [problems])

  // A message stands at the field it names; one that names none of these stands under the button.
  const place = ({ field }: Problem) => fields.find(({ name }) => name === field?.at(-1))?.name
  const said = (where?: Name) => problems.filter((problem) => place(problem) === where).map(say).join(' ')

  // noValidate: the gateway's rules are the only ones, said in one way and one place.
  return (
    <form ref={form} onSubmit={submit} noValidate>
      {fields.map(({ name, label, type, autoComplete, hint }, index) => (
        <div key={name}>
          <label htmlFor={id + name}>{label}</label>
          <input
            id={id + name} name={name} type={type} autoComplete={autoComplete} required autoFocus={isMain && index === 0}
            autoCapitalize="none" spellCheck={false} aria-invalid={said(name) !== ''} aria-describedby={`${id}${name}-note`}
          />
          <p className={said(name) ? 'note problem' : 'note'} id={`${id}${name}-note`}>{said(name) || hint}</p>
        </div>
      ))}
      {children}
      <button className={isDangerous ? 'danger' : undefined} disabled={running}>{button}</button>
      <div className="said">
        <p className="note problem" role="alert" tabIndex={-1}>{said()}</p>
        {done && <p className="note" role="status">{isDone && done}</p>}
      </div>
    </form>
  )
}
