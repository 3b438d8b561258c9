// A modal dialog. The Escape key cancels it.
import { useId, useLayoutEffect, useRef, type ReactNode } from 'react'

interface Props {
  title: string
  children: ReactNode
  /** Called when the user cancels. */
  onClose: () => void
}

export function Dialog({ title, children, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  // showModal instead of the attribute: the browser keeps the focus inside, and restores it when the dialog closes.
  // A layout effect, because its cleanup runs while the dialog is still in the page.
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
