import { useEffect, useRef } from 'react'
import { explain } from './gateway'

interface Props {
  error: unknown
  loading: boolean
  retry: () => Promise<unknown>
}

/** Shows that a page could not be loaded, with a button to try again. */
export function LoadFailure({ error, loading, retry }: Props) {
  const alert = useRef<HTMLParagraphElement>(null)

  useEffect(() => { if (error) alert.current?.focus() }, [error])

  if (!error) return null
  return (
    <>
      <p className="message problem" role="alert" tabIndex={-1} ref={alert}>{explain(error)}</p>
      <button disabled={loading} onClick={() => retry().catch(() => {})}>Try again</button>
    </>
  )
}
