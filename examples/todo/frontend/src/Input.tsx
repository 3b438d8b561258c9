import { useState } from 'react'

export interface Field<Name extends string> {
  name: Name
  label: string
  type: 'text' | 'password'
  /** The hint for password managers. */
  autoComplete: string
  hint?: string | undefined
  /** The message when the field is empty. */
  missing: string
  /** Returns the error that the page finds in the value. */
  check?: (value: string, values: Record<Name, string>) => string | undefined
}

interface Props<Name extends string> {
  id: string
  field: Field<Name>
  /** The error of the value. Empty if there is none. */
  problem: string
  /** Whether the field gets the focus at once. */
  hasFocus: boolean
  /** Whether to hide passwords while the form is sent, so that browsers offer to save them. */
  hide: boolean
}

/** A field with its label, hint and error message. Users can show a password. */
export function Input<Name extends string>({ id, field, problem, hasFocus, hide }: Props<Name>) {
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
          id={id} name={name} type={isShown && !hide ? 'text' : type} autoComplete={autoComplete} required autoFocus={hasFocus}
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
