// A question in front of the page, which waits behind it; the Escape key is a no.
import { useId, useLayoutEffect, useRef, type ReactNode } from 'react'

interface Props {
  title: string
  children: ReactNode
  /** The user does not want to, or is done. */
  onClose: () => void
}

export function Dialog({ title, children, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  // showModal and not the attribute: the browser then keeps the focus inside, and gives it back when the dialog is gone.
  // A layout effect, for it ends while the dialog is still in the page.
  useLayoutEffect(() => {
    const shown = dialog.current
    shown?.showModal()
    return () => shown?.close()
  }, [])

  return (
    <dialog ref={dialog} aria-labelledby={heading} onCancel={(event) => { event.preventDefault(); onClose() }}>
      <h2 id={heading}>{title}</h2>
      {children}
      <button type="button" className="quiet" onClick={onClose}>Cancel</button>
    </dialog>
  )
}
