import { Effect } from "effect"
import { useState } from "react"
import { askOnce } from "../asking/Asking.ts"
import { closeDialog } from "../look/Dialogs.ts"
import { Modal } from "../look/Modal.tsx"
import { jumpTo } from "./Playhead.ts"

/** A point as the server reads it: a position may stand with its mark and its commas. */
const pointOf = (text: string): string => {
  const trimmed = text.trim()
  const digits = /^#?([\d,]+)$/.exec(trimmed)?.[1]
  return digits === undefined ? trimmed : digits.replaceAll(",", "")
}

/** Asks the server which position a text names. */
const resolve = (text: string) =>
  Effect.map(
    askOnce(({ project }, asked) =>
      project.events({ ...asked, query: { limit: 1, at: pointOf(text) } }),
    ),
    ({ position }) => position,
  )

/** Goes to a position, a time, or an event. */
export const JumpDialog = () => {
  const [text, setText] = useState("")
  const [wrong, setWrong] = useState<string>()
  const jump = () =>
    void Effect.runPromise(
      Effect.match(resolve(text), {
        onFailure: ({ message }) => setWrong(message),
        onSuccess: (position) => {
          closeDialog()
          jumpTo(position)
        },
      }),
    )
  return (
    <Modal title="Jump to…" onClose={closeDialog}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          jump()
        }}
      >
        <label>
          A position, a time, the uuid of an event, or “2h ago”
          <input
            value={text}
            autoComplete="off"
            placeholder="#1,184"
            aria-invalid={wrong !== undefined}
            onChange={({ target }) => setText(target.value)}
          />
        </label>
        {wrong !== undefined && (
          <p className="lost" role="alert">
            {wrong}
          </p>
        )}
        <div className="actions">
          <button type="submit" className="go">
            Jump
          </button>
          <button type="button" onClick={closeDialog}>
            Cancel
          </button>
        </div>
      </form>
    </Modal>
  )
}
