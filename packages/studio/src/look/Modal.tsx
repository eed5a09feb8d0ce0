import { Dialog } from "@base-ui/react/dialog"
import type { ReactNode, RefObject } from "react"

interface Props {
  readonly title: ReactNode
  readonly onClose: () => void
  readonly children: ReactNode
  /** What has the focus first. */
  readonly initialFocus?: RefObject<HTMLElement | null>
}

/** A dialog over the page: it keeps the focus, and Escape closes it. */
export const Modal = ({ title, onClose, children, initialFocus }: Props) => (
  <Dialog.Root open onOpenChange={(isOpen) => (isOpen ? undefined : onClose())}>
    <Dialog.Portal>
      <Dialog.Backdrop className="backdrop" />
      <Dialog.Popup className="dialog" {...(initialFocus && { initialFocus })}>
        <Dialog.Title>{title}</Dialog.Title>
        {children}
      </Dialog.Popup>
    </Dialog.Portal>
  </Dialog.Root>
)
