import { AsyncResult } from "effect/reactivity"
import { useEffect, useState } from "react"
import { address, dropped, go } from "../address/Navigation.ts"
import { registry, useAtom } from "../atoms/Registry.ts"
import { head, isPast, playhead, status } from "../data/Head.ts"
import { trouble } from "../asking/Trouble.ts"
import { countText, listText, positionText } from "../words/Numbers.ts"
import { visible } from "../words/EscapedText.ts"
import { durationText } from "../words/Times.ts"

const useSecond = (isOn: boolean): number => {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    if (!isOn) return
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [isOn])
  return now
}

const Unanswered = () => {
  const found = useAtom(trouble)
  const now = useSecond(found !== undefined)
  if (found === undefined) return null
  const since = new Date(found.since).toISOString().slice(11, 19)
  return (
    <div className="note apart" role="alert">
      <p>
        <b>The server does not answer.</b> What you see is as of {since} UTC. Trying again in{" "}
        {durationText(Math.max(1000, found.again - now))}.
      </p>
    </div>
  )
}

const Dropped = () => {
  const names = useAtom(dropped)
  if (names.length === 0) return null
  return (
    <div className="note">
      <p>
        The address had something that means nothing here: {listText(names.map(visible))}. It was
        left out.
      </p>
      <button type="button" onClick={() => registry.set(dropped, [])}>
        Good
      </button>
    </div>
  )
}

const OtherLog = () => {
  const { log } = useAtom(address)
  const found = AsyncResult.value(useAtom(status))
  if (log === undefined || found._tag === "None" || found.value.log_id.startsWith(log)) return null
  return (
    <div className="note">
      <p>
        <b>This link is about another log.</b> Its positions mean other events here.
      </p>
      <button type="button" onClick={() => go({ log: undefined, at: undefined })}>
        Look at this one
      </button>
    </div>
  )
}

/** Counts what comes while somebody looks back: it moves nothing. */
const CameSince = () => {
  const [past, end, at] = [useAtom(isPast), useAtom(head), useAtom(playhead)]
  const [from, setFrom] = useState<number>()
  useEffect(() => setFrom((known) => (past ? (known ?? end) : undefined)), [past, end])
  if (!past || from === undefined || end === undefined || end <= from) return null
  return (
    <div className="note when-past" role="status">
      <p>
        {countText(end - from, "event has", "events have")} come since. The page stays at{" "}
        {positionText(at ?? 0)}.
      </p>
      <button type="button" onClick={() => go({ at: undefined })}>
        Back to live <kbd>L</kbd>
      </button>
    </div>
  )
}

/** What stands in the way of seeing what one came to see. */
export const Notices = () => (
  <div className="notices">
    <Unanswered />
    <Dropped />
    <OtherLog />
    <CameSince />
  </div>
)
