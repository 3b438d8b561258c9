import { useState } from 'react'

export interface Field<Name extends string> {
  name: Name
  label: string
  type: 'text' | 'password'
  /** What password managers go by. */
  autoComplete: string
  hint?: string | undefined
  /** What the form says when nothing was typed. */
  missing: string
  /** Returns what the page can see to be wrong with the value. */
  check?: (value: string, values: Record<Name, string>) => string | undefined
}

interface Props<Name extends string> {
  id: string
  field: Field<Name>
  /** What is wrong with the value; empty when nothing is. */
  problem: string
  /** Whether the field is the form's first, which gets the focus. */
  isFirst: boolean
  /** Whether passwords are hidden in any case: while they are sent, so that browsers offer to save them. */
  hide: boolean
}

/** A field with its label, its hint and its message; a password can be shown. */
export function Input<Name extends string>({ id, field, problem, isFirst, hide }: Props<Name>) {
  const { name, label, type, autoComplete, hint } = field
  const [isShown, setShown] = useState(false)
  const notes = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(' ')

  return (
    <div className="field">
      <div className="label">
        <label htmlFor={id}>{label}</label>
        {hint && <span className="hint" id={`${id}-hint`}>{hint}</span>}
      </div>
      <div className="box">
        <input
          id={id} name={name} type={isShown && !hide ? 'text' : type} autoComplete={autoComplete} required autoFocus={isFirst}
          autoCapitalize="none" autoCorrect="off" spellCheck={false} aria-invalid={problem !== ''} aria-describedby={notes || undefined}
        />
        {type === 'password' && (
          <button
            type="button" className="show" aria-pressed={isShown} aria-controls={id} aria-label={`Show ${label.toLowerCase()}`}
            onClick={() => setShown(!isShown)}
          >
            {isShown ? 'Hide' : 'Show'}
          </button>
        )}
      </div>
      {problem && <p className="problem" id={`${id}-problem`}>{problem}</p>}
    </div>
  )
}
