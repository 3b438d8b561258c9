import { useState, type ReactNode } from 'react'

interface Props {
  title: string
  /** What the row says while it is closed. */
  summary?: ReactNode
  children: ReactNode
}

/** One part of the account, which opens on demand. */
export function Row({ title, summary, children }: Props) {
  const [isOpen, setOpen] = useState(false)

  return (
    <details className="row" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <h2>{title}</h2>
        {summary && <span className="summary">{summary}</span>}
      </summary>
      {/* Closed rows have no fields: password managers would fill them. */}
      {isOpen && <div className="content">{children}</div>}
    </details>
  )
}
