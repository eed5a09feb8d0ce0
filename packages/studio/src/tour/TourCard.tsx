import { AsyncResult } from "effect/reactivity"
import { useState } from "react"
import { useAtom } from "../atoms/Registry.ts"
import { type Look, worthALook } from "../data/WorthALook.ts"
import { Mark } from "../look/Mark.tsx"
import { weekdayText } from "../words/Times.ts"
import { tourDone, tourSteps } from "./TourSteps.ts"

const place = "onymous.tour.hidden"

/** The wrong merge of the demo world: a log that has it has something to be found. */
const wrongMerge = (looks: ReadonlyArray<Look>): Look | undefined =>
  looks.find(
    ({ first }) => first.target === "tablet-kitchen" && first.source === "noah@fig.example",
  )

/** The demo ends when it is loaded, so that its days are others each time. */
const dayOf = (look: Look | undefined): string =>
  look === undefined ? "One day" : `On ${weekdayText(Date.parse(look.first.received_at))}`

/** What there is to find in the demo world, in four steps that tick themselves. */
export const TourCard = () => {
  const done = useAtom(tourDone)
  const [isHidden, setHidden] = useState(localStorage.getItem(place) !== null)
  const looks = AsyncResult.value(useAtom(worthALook))
  const wrong = looks._tag === "Some" ? wrongMerge(looks.value) : undefined
  const isShown = looks._tag === "Some" && (wrong !== undefined || done.includes("open"))
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
          This is the log of a small shop. {dayOf(wrong)} two customers became one person. Which
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
