import { useState, type ReactNode } from 'react'

interface Props {
  title: string
  /** The text while the row is closed. */
  summary?: ReactNode
  children: ReactNode
}

/** One section of the account page, which users can open. */
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
