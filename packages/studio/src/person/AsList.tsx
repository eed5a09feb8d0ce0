import { useMemo } from "react"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import type { History } from "@onymous/timetravel/history/History"
import { At } from "../address/At.tsx"
import { eventName } from "../past/EventWords.ts"
import { mergedBy } from "../past/Lost.ts"
import * as Lanes from "../threads/Lanes.ts"
import { IdText } from "../words/IdText.tsx"
import { countText, listText } from "../words/Numbers.ts"
import { momentText } from "../words/Times.ts"
import { visible } from "../words/EscapedText.ts"

/** The most sentences that are shown at a time. */
const shownMax = 200

const words: Readonly<Record<string, string>> = {
  created: "began as one person with",
  attached: "became one person with",
  merged: "took in",
  already_one: "was one person already with",
  refused_identified: "was not made one with",
  refused_guard: "was kept apart by a guard from",
}

/** How the ids came together, in sentences: what the drawing tells, for who cannot see it. */
export const AsList = ({
  history,
  id,
  at,
}: {
  readonly history: History
  readonly id: string
  readonly at: number
}) => {
  const links = useMemo(() => {
    const ids = Lanes.idsOf(history, DistinctId(id))
    return history.linksAt().filter(({ target, source, outcome, position }) => {
      const isAbout = ids.has(target) && ids.has(source)
      return isAbout && position <= at && outcome !== "refused_illegal"
    })
  }, [history, id, at])
  return (
    <div className="pad col">
      <ol className="as-list">
        {links.slice(-shownMax).map((link) => {
          const lost = mergedBy(history, link)?.lost ?? []
          return (
            <li key={link.event.position}>
              <At position={link.position} /> <small>{momentText(link.event.recordedAt)}</small>{" "}
              <IdText id={link.target} /> {words[link.outcome] ?? "met"} <IdText id={link.source} />
              , by {visible(eventName(link.event.event))}.
              {lost.length > 0 && (
                <span className="lost">
                  {" "}
                  {countText(lost.length, "value")} gave way: {listText(lost.map(visible))}.
                </span>
              )}
            </li>
          )
        })}
      </ol>
      {links.length === 0 && <p className="quiet">No event has named two of its ids yet.</p>}
    </div>
  )
}
