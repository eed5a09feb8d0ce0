import { type ReactNode, type RefObject, useId, useLayoutEffect, useRef } from "react"

interface Props {
  readonly title: ReactNode
  readonly onClose: () => void
  readonly children: ReactNode
  /** What has the focus first. */
  readonly initialFocus?: RefObject<HTMLElement | null>
}

/** A dialog over the page: the browser keeps the focus in it, Escape closes it, and so does a click beside it. */
export const Modal = ({ title, onClose, children, initialFocus }: Props) => {
  const box = useRef<HTMLDialogElement>(null)
  const name = useId()
  useLayoutEffect(() => {
    const dialog = box.current
    dialog?.showModal()
    initialFocus?.current?.focus()
    // Gives the focus back to what had it before.
    return () => dialog?.close()
  }, [initialFocus])
  return (
    <dialog
      ref={box}
      aria-labelledby={name}
      onClose={onClose}
      // A dialog closes with its part of the page, because the browser would tell of it only after the next key.
      onCancel={(cancelled) => {
        cancelled.preventDefault()
        onClose()
      }}
      onClick={({ target, currentTarget }) => {
        if (target === currentTarget) onClose()
      }}
    >
      <div className="dialog">
        <h2 id={name}>{title}</h2>
        {children}
      </div>
    </dialog>
  )
}
