import { type ReactNode, useMemo } from "react"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import { isAct } from "@onymous/identity/event/Event"
import { isRefusal } from "@onymous/identity/policy/MergeChecks"
import type { Position } from "@onymous/identity/event/Position"
import type { History, Link } from "@onymous/timetravel/history/History"
import { At } from "../address/At.tsx"
import { eventName } from "../past/EventWords.ts"
import { mergedBy } from "../past/Lost.ts"
import { wholeStory } from "../past/WholeStory.ts"
import * as Lanes from "../threads/Lanes.ts"
import { IdText } from "../words/IdText.tsx"
import { countText, listText } from "../words/Numbers.ts"
import { durationText, momentText } from "../words/Times.ts"
import { visible } from "../words/EscapedText.ts"

/** The most sentences that are shown at a time. */
const shownMax = 200

const words: Readonly<Record<string, string>> = {
  created: "began as one person with",
  attached: "became one person with",
  merged: "took in",
  already_one: "was one person already with",
  refused_identified: "was not made one with",
}

const wordsOf = (outcome: string): string =>
  words[outcome] ?? (isRefusal(outcome) ? "was kept apart by the rules from" : "met")

/** A sentence of the list, and where in the log what it says happened. */
interface Said {
  readonly position: Position
  readonly time: number
  readonly words: ReactNode
}

const Joined = ({ history, link }: { readonly history: History; readonly link: Link }) => {
  const lost = mergedBy(history, link)?.lost ?? []
  return (
    <>
      <IdText id={link.target} /> {wordsOf(link.outcome)} <IdText id={link.source} />, by{" "}
      {visible(eventName(link.event.event))}.
      {lost.length > 0 && (
        <span className="lost">
          {" "}
          {countText(lost.length, "value")} gave way: {listText(lost.map(visible))}.
        </span>
      )}
    </>
  )
}

const joined = (history: History, ids: ReadonlySet<DistinctId>): ReadonlyArray<Said> =>
  history
    .linksAt()
    .filter(({ target, source, outcome }) => {
      return ids.has(target) && ids.has(source) && outcome !== "refused_illegal"
    })
    .map((link) => ({
      position: link.position,
      time: link.event.recordedAt,
      words: <Joined history={history} link={link} />,
    }))

/** Events that waited in the buffer: the drawing has them as dotted lanes. */
const waited = (history: History, ids: ReadonlySet<DistinctId>, at: number): ReadonlyArray<Said> =>
  [...history.tables.waiting.values()].flatMap(({ position, distinctId, released }) => {
    const event = history.eventAt(position)
    if (event === undefined || !ids.has(distinctId)) return []
    const freed = released && released.at <= at ? history.eventAt(released.at) : undefined
    const said = (
      <>
        An event of <IdText id={distinctId} />, an id that nobody knew,{" "}
        {freed === undefined ? (
          "waits."
        ) : (
          <>
            waited {durationText(freed.recordedAt - event.recordedAt)}, until{" "}
            <At position={freed.position} />.
          </>
        )}
      </>
    )
    return [{ position, time: event.recordedAt, words: said }]
  })

/** What operators took apart. */
const takenApart = (history: History, id: string): ReadonlyArray<Said> =>
  wholeStory(history, id).flatMap(({ event, what }) => {
    if (event === undefined || !isAct(event.event)) return []
    const said = (
      <>
        <IdText id={id} />: {visible(what)}, by {eventName(event.event)}.
      </>
    )
    return [{ position: event.position, time: event.recordedAt, words: said }]
  })

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
  const all = useMemo(() => {
    const ids = Lanes.idsOf(history, DistinctId(id))
    const links = joined(history, ids)
    const linked = new Set(links.map(({ position }) => position))
    const apart = takenApart(history, id).filter(({ position }) => !linked.has(position))
    return [...links, ...waited(history, ids, at), ...apart]
      .filter(({ position }) => position <= at)
      .toSorted((a, b) => a.position - b.position)
  }, [history, id, at])
  return (
    <div className="pad col">
      <ol className="as-list">
        {all.slice(-shownMax).map(({ position, time, words: said }, index) => (
          <li key={index}>
            <At position={position} /> <small>{momentText(time)}</small> {said}
          </li>
        ))}
      </ol>
      {all.length === 0 && <p className="quiet">No event has named two of its ids yet.</p>}
    </div>
  )
}
