// A form whose errors come from the gateway: each message stands at its field, and the first one gets the focus.
import { useEffect, useRef, useState, type FormEvent } from 'react'
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
  send: (values: Record<Name, string>) => Promise<Problem[]>
}

export function Form<Name extends string>({ fields, button, send }: Props<Name>) {
  const [problems, setProblems] = useState<Problem[]>([])
  const [running, setRunning] = useState(false)
  const form = useRef<HTMLFormElement>(null)

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const values = Object.fromEntries(new FormData(event.currentTarget)) as Record<Name, string>
    setRunning(true)
    setProblems([])
    setProblems(await send(values).catch((error) => [{ code: 'FAILED', message: explain(error) }]))
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
          <label htmlFor={name}>{label}</label>
          <input
            id={name} name={name} type={type} autoComplete={autoComplete} required autoFocus={index === 0}
            autoCapitalize="none" spellCheck={false} aria-invalid={said(name) !== ''} aria-describedby={`${name}-note`}
          />
          <p className={said(name) ? 'note problem' : 'note'} id={`${name}-note`}>{said(name) || hint}</p>
        </div>
      ))}
      <button disabled={running}>{button}</button>
      <p className="note problem" role="alert" tabIndex={-1}>{said()}</p>
    </form>
  )
}
