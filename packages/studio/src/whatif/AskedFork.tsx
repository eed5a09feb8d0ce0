import { Effect } from "effect"
import { useEffect, useState } from "react"
import { go } from "../address/Navigation.ts"
import { countText } from "../words/Numbers.ts"
import { type AskedFork as Fork, askWhatIf } from "./AskedWhatIf.ts"
import { SidePanel } from "./SidePanel.tsx"

/** Asks again whenever other events are left out. */
const useFork = (without: ReadonlyArray<string>) => {
  const [found, setFound] = useState<Fork>()
  const [wrong, setWrong] = useState<string>()
  useEffect(() => {
    const controller = new AbortController()
    setFound(undefined)
    setWrong(undefined)
    const asked = Effect.match(askWhatIf({ without }), {
      onFailure: ({ message }) => setWrong(message),
      onSuccess: setFound,
    })
    void Effect.runPromise(asked, { signal: controller.signal }).catch(() => undefined)
    return () => controller.abort()
  }, [without])
  return { found, wrong }
}

/** What would be, had some events not come, of more ids than the page folds: the server tells it. */
export const AskedFork = ({ without }: { readonly without: ReadonlyArray<string> }) => {
  const { found, wrong } = useFork(without)
  const sides = found === undefined ? [] : [...found.asItIs, ...found.without]
  const ids = [...new Set(sides.map(({ person }) => person.id))]
  const letterOf = ({ person }: { readonly person: { readonly id: string } }) =>
    ids.findIndex((id) => id === person.id)
  return (
    <>
      <div className="note info what-if">
        <p role="status">
          <b>What if {countText(without.length, "event")} had not come?</b> Nothing is written.{" "}
          {found === undefined
            ? (wrong ?? "The server folds the log without it …")
            : `It could reach ${countText(found.reach, "id")} at most.`}
        </p>
        <button type="button" onClick={() => go({ without: [] })}>
          Done <kbd>Esc</kbd>
        </button>
      </div>
      {found !== undefined &&
        (sides.length === 0 ? (
          <p className="panel empty verdict">Nobody would be another.</p>
        ) : (
          <div className="fork">
            <SidePanel title="As it is" name="with" sides={found.asItIs} letterOf={letterOf} />
            <SidePanel
              title="Without it"
              name="without"
              sides={found.without}
              letterOf={letterOf}
            />
          </div>
        ))}
    </>
  )
}
