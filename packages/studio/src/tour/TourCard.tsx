import { AsyncResult } from "effect/reactivity"
import { useState } from "react"
import { useAtom } from "../atoms/Registry.ts"
import { type Look, worthALook } from "../data/WorthALook.ts"
import { Mark } from "../look/Mark.tsx"
import { tourDone, tourSteps } from "./TourSteps.ts"

const place = "onymous.tour.hidden"

/** True for the log of the demo world, which has something to be found. */
const isDemo = (looks: ReadonlyArray<Look>): boolean =>
  looks.some(
    ({ first }) => first.target === "tablet-kitchen" && first.source === "noah@fig.example",
  )

/** What there is to find in the demo world, in four steps that tick themselves. */
export const TourCard = () => {
  const done = useAtom(tourDone)
  const [isHidden, setHidden] = useState(localStorage.getItem(place) !== null)
  const looks = AsyncResult.value(useAtom(worthALook))
  const isShown = looks._tag === "Some" && (isDemo(looks.value) || done.includes("open"))
  if (isHidden || !isShown) return null
  return (
    <section className="panel tour" aria-labelledby="h-tour">
      <header>
        <h2 id="h-tour">Find the wrong merge</h2>
        <button
          type="button"
          className="bare"
          onClick={() => {
            localStorage.setItem(place, "yes")
            setHidden(true)
          }}
        >
          Hide
        </button>
      </header>
      <div className="pad col">
        <p className="verdict">
          This is the log of a small shop. On Tuesday evening two customers became one person. Which
          event did it?
        </p>
        <ol className="checks">
          {tourSteps.map(([name, text]) => {
            const isDone = done.includes(name)
            return (
              <li key={name} className={isDone ? "done" : ""}>
                <Mark name={isDone ? "yes" : "plain"} hue={isDone ? "merge" : "plain"} />
                <span>
                  {text}
                  {isDone && <span className="sr"> Done.</span>}
                </span>
              </li>
            )
          })}
        </ol>
      </div>
    </section>
  )
}
