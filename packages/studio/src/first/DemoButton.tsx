import { Effect } from "effect"
import { useState } from "react"
import { askOnce, untilReached } from "../asking/Asking.ts"
import { registry, useAtom } from "../atoms/Registry.ts"
import { isLoadingDemo } from "./DemoLoading.ts"

const whole = Effect.flatMap(
  Effect.suspend(() => askOnce(({ project }, asked) => project.status({ ...asked, query: {} }))),
  ({ head }) => untilReached(head),
)

/** A busy server has appended all of it, and answers before its persons are there. */
const load = Effect.suspend(() =>
  askOnce(({ page }, asked) => page.demo({ ...asked, query: {}, payload: {} })),
).pipe(
  Effect.catchIf(
    ({ code }) => code === "not_reached",
    () => whole,
  ),
)

/** Fills the empty log with a week of a small shop. */
export const DemoButton = () => {
  const isBusy = useAtom(isLoadingDemo)
  const [wrong, setWrong] = useState<string>()
  const start = () => {
    registry.set(isLoadingDemo, true)
    void Effect.runPromise(
      Effect.match(load, {
        onFailure: ({ message }) => setWrong(message),
        onSuccess: () => undefined,
      }).pipe(Effect.ensuring(Effect.sync(() => registry.set(isLoadingDemo, false)))),
    )
  }
  return (
    <div className="actions">
      <button type="button" className="go" disabled={isBusy} onClick={start}>
        {isBusy ? "Loading …" : "Load the demo world"}
      </button>
      <span className="quiet">
        1,630 events, 79 persons, one wrong merge and ten other stories.
      </span>
      {wrong !== undefined && (
        <span className="lost" role="alert">
          {wrong}
        </span>
      )}
    </div>
  )
}
