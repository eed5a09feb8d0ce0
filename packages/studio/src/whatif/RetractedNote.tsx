import { Effect } from "effect"
import { useState } from "react"
import { At } from "../address/At.tsx"
import { useAtom } from "../atoms/Registry.ts"
import { haveBack, lastRetraction } from "./RetractEvent.ts"

/** Says what was just retracted, and has it back. */
export const RetractedNote = () => {
  const last = useAtom(lastRetraction)
  const [isBusy, setBusy] = useState(false)
  if (last === undefined) return null
  return (
    <div className="note info" role="status" data-arrival>
      <p>
        <b>
          <At position={last.position} /> is retracted since <At position={last.at} />.
        </b>{" "}
        The log keeps both facts.
      </p>
      <button
        type="button"
        disabled={isBusy}
        onClick={() => {
          setBusy(true)
          void Effect.runPromise(Effect.ignore(haveBack(last))).then(() => setBusy(false))
        }}
      >
        Have it back
      </button>
    </div>
  )
}
