import { Effect } from "effect"
import { useState } from "react"
import { askOnce } from "../asking/Asking.ts"
import { onlyLook } from "../asking/SignedIn.ts"
import { useAtom } from "../atoms/Registry.ts"
import { numberText } from "../words/Numbers.ts"

const end = Effect.suspend(() =>
  askOnce(({ rebuilding }, asked) => rebuilding.endRebuild({ ...asked, query: {} })),
)

/** What is said once somebody wanted it ended. */
const saying = (ended: boolean): string =>
  ended
    ? "It is cancelled: what was derived is dropped, and what is live stays."
    : "There was nothing left to cancel: it had come to its end."

/** Ends the rebuild, and what came of it. */
const useEnding = () => {
  const [said, setSaid] = useState<string>()
  const [isBusy, setBusy] = useState(false)
  const cancel = () => {
    setBusy(true)
    void Effect.runPromise(
      Effect.match(end, {
        onFailure: ({ message }) => message,
        onSuccess: ({ ended }) => saying(ended),
      }),
    ).then((text) => {
      setBusy(false)
      setSaid(text)
    })
  }
  return { said, isBusy, cancel }
}

interface Props {
  /** How far the derivation beside the live one is; null where there is none. */
  readonly rebuild: { readonly position: number; readonly head: number } | null
}

/** A derivation beside the live one, whoever began it, and the way to end it. */
export const RebuildPanel = ({ rebuild }: Props) => {
  const looks = useAtom(onlyLook)
  const { said, isBusy, cancel } = useEnding()
  if (rebuild === null && said === undefined) return null
  return (
    <section className="panel" aria-labelledby="h-rebuild">
      <header>
        <h2 id="h-rebuild">Rebuild</h2>
        <small>beside what is live; reads go on</small>
      </header>
      <div className="pad col">
        {said !== undefined && (
          <p className="verdict" role="status">
            {said}
          </p>
        )}
        {rebuild !== null && <Progress {...rebuild} />}
        {rebuild !== null && !looks && (
          <div className="actions">
            <button type="button" disabled={isBusy} onClick={cancel}>
              {isBusy ? "Cancelling …" : "Cancel it"}
            </button>
          </div>
        )}
      </div>
    </section>
  )
}

const Progress = ({ position, head }: { readonly position: number; readonly head: number }) => (
  <>
    <p className="verdict">
      {numberText(position)} of {numberText(head)} events.
    </p>
    <progress className="meter" max={Math.max(1, head)} value={position} aria-label="Rebuild" />
  </>
)
