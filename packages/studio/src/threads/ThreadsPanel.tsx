import { useMemo, useState } from "react"
import { countUpTo } from "@onymous/identity/event/Position"
import type { History } from "@onymous/timetravel/history/History"
import { go } from "../address/Navigation.ts"
import { jumpTo } from "../deck/Playhead.ts"
import { IdText } from "../words/IdText.tsx"
import { countText, numberText } from "../words/Numbers.ts"
import { weakLinks } from "../past/WeakLinks.ts"
import * as Columns from "./Columns.ts"
import * as Threads from "./Threads.ts"
import { ThreadsDrawing } from "./ThreadsDrawing.tsx"

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/** How many more ids of a lane of many are shown at a time. */
const openedAtOnce = 50

/** How many lanes are named without a letter of their own: letters would say nothing. */
const lettersMax = letters.length

const LaneName = ({
  lane,
  asked,
  at,
}: {
  readonly lane: Threads.Lane
  readonly asked: string
  readonly at: number
}) => {
  const isMany = lane.ids.length > 1
  const text = isMany ? (
    <span className="id">{`${numberText(lane.ids.length)} ids like ${lane.start}…`}</span>
  ) : (
    <IdText id={lane.id} />
  )
  return (
    <li data-lane={lane.id}>
      <span className={`letter p${lane.whose % 6}`}>
        {lane.whose < lettersMax ? letters[lane.whose] : ""}
      </span>
      {lane.id === asked || isMany ? (
        text
      ) : (
        <button
          type="button"
          className="lane-name"
          title="Why are these two one person?"
          onClick={() => go({ with: lane.id })}
        >
          {text}
        </button>
      )}
      <small>
        {isMany
          ? "each came alone, in the same way"
          : countText(countUpTo(lane.events, at), "event")}
      </small>
    </li>
  )
}

const Alike = ({
  threads,
  onOpen,
}: {
  readonly threads: Threads.Threads
  readonly onOpen: () => void
}) => {
  const [largest] = threads.alike.toSorted((a, b) => b.ids.length - a.ids.length)
  if (largest === undefined) return null
  const [{ event: { event } } = { event: { event: undefined } }] = largest.links
  const name = event?._tag === "Captured" ? event.name : "event"
  const count = largest.ids.length
  return (
    <div className="pad">
      <div className="note info">
        <p>
          {countText(count, "id")} came in the same way: each was named by one <code>{name}</code>,
          and by nothing else. A browser that forgets looks like this.
        </p>
        <button type="button" onClick={onOpen}>
          Show {numberText(Math.min(openedAtOnce, count))} of them
        </button>
      </div>
    </div>
  )
}

interface Props {
  readonly history: History
  readonly id: string
  readonly at: number
  readonly isLive: boolean
}

/** How the ids of a person came together; the list of its sentences tells the same. */
export const ThreadsPanel = ({ history, id, at, isLive }: Props) => {
  const [opened, setOpened] = useState(0)
  const weak = weakLinks(history, id, at)
  // A step moves the playhead over the same picture.
  const threads = useMemo(() => Threads.of(history, id, opened), [history, id, opened])
  const parts = useMemo(
    () =>
      new Map(weak.map(({ link, parts: [a, b] }) => [link.position, [a.size, b.size] as const])),
    [weak],
  )
  const column = Columns.indexAt(threads.columns, at)
  const { lanes, columns } = threads
  const lanesText = lanes.length < threads.ids ? ` in ${countText(lanes.length, "lane")}` : ""
  const label = `${countText(threads.ids, "id")}${lanesText}, ${countText(columns.length, "change")}. The tab “As a list” tells the same.`
  return (
    <section className="panel" aria-labelledby="h-threads">
      <header>
        <h2 id="h-threads">How its ids came together</h2>
        <small>
          {countText(threads.ids, "id")}
          {lanesText}, {countText(columns.length, "change")}
        </small>
      </header>
      <div className="threads-box">
        <ul className="lanes">
          {lanes.map((lane) => (
            <LaneName key={lane.id} lane={lane} asked={id} at={at} />
          ))}
        </ul>
        <ThreadsDrawing
          threads={threads}
          parts={parts}
          at={column}
          isLive={isLive}
          label={label}
          onGo={jumpTo}
        />
      </div>
      <Alike threads={threads} onOpen={() => setOpened(opened + openedAtOnce)} />
    </section>
  )
}
