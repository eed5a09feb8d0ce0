import { Effect } from "effect"
import { useRef, useState } from "react"
import type { Recorded } from "@onymous/identity/event/Event"
import { go } from "../address/Navigation.ts"
import { Modal } from "../look/Modal.tsx"
import { Tour } from "../tour/TourSteps.ts"
import { countText, positionText } from "../words/Numbers.ts"
import { visible } from "../words/EscapedText.ts"
import type { Forked } from "./Forked.ts"
import { lastBy, retract } from "./RetractEvent.ts"

const consequences = ({ without }: Forked): string =>
  without
    .slice(0, 3)
    .map(({ title, person, other, events }) =>
      other === undefined
        ? `${visible(title)} is a person of its own, with ${countText(person.distinctIds.length, "id")} and ${countText(events ?? 0, "event")}`
        : `${visible(title)} keeps ${countText(person.distinctIds.length, "id")}`,
    )
    .join(", and ")

interface Props {
  readonly event: Recorded
  readonly forked: Forked
  readonly onClose: () => void
}

const useRetraction = ({ event, onClose }: Props) => {
  const [by, setBy] = useState(lastBy)
  const [reason, setReason] = useState("")
  const [wrong, setWrong] = useState<string>()
  const [isBusy, setBusy] = useState(false)
  const send = () => {
    setBusy(true)
    const { position } = event
    void Effect.runPromise(
      Effect.match(retract({ position, uuid: event.event.uuid, by, reason }), {
        onFailure: ({ message }) => {
          setBusy(false)
          setWrong(message)
        },
        onSuccess: () => {
          Tour.done("retract")
          onClose()
          go({ without: [], at: undefined, tab: "properties" })
        },
      }),
    )
  }
  return { by, setBy, reason, setReason, wrong, isBusy, send }
}

/** Asks a second time, and who and why: both are written into the log. */
export const RetractDialog = (props: Props) => {
  const { event, forked, onClose } = props
  const keep = useRef<HTMLButtonElement>(null)
  const { by, setBy, reason, setReason, wrong, isBusy, send } = useRetraction(props)
  const name = positionText(event.position)
  return (
    <Modal title={`Retract ${name}?`} onClose={onClose} initialFocus={keep}>
      <form
        onSubmit={(submitted) => {
          submitted.preventDefault()
          send()
        }}
      >
        <p>
          From here on {consequences(forked)}. What was answered for moments before stays as it was.
          You can have the event back by retracting the retraction.
        </p>
        <div className="fork">
          <label>
            Who are you?
            <input value={by} required onChange={({ target }) => setBy(target.value)} />
          </label>
          <label>
            Why?
            <input value={reason} required onChange={({ target }) => setReason(target.value)} />
          </label>
        </div>
        <p className="quiet">Both are written into the log, for everybody to read.</p>
        {wrong !== undefined && (
          <p className="lost" role="alert">
            {wrong}
          </p>
        )}
        <div className="actions">
          <button type="submit" className="danger go" disabled={isBusy}>
            Yes, retract {name}
          </button>
          <button type="button" ref={keep} onClick={onClose}>
            Keep it
          </button>
        </div>
      </form>
    </Modal>
  )
}
