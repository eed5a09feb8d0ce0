import { AsyncResult } from "effect/reactivity"
import { useEffect } from "react"
import { Link } from "../address/Link.tsx"
import { registry, useAtom } from "../atoms/Registry.ts"
import { around, type Near } from "../data/Around.ts"
import { playhead } from "../data/Head.ts"
import { markOf } from "./MomentMark.ts"
import { Answered } from "../look/Answered.tsx"
import { eventHere } from "../deck/EventHere.ts"
import { Mark } from "../look/Mark.tsx"
import { IdText } from "../words/IdText.tsx"
import { numberText } from "../words/Numbers.ts"
import { hourText } from "../words/Times.ts"
import { visible } from "../words/EscapedText.ts"

const Entry = ({ near, at }: { readonly near: Near; readonly at: number }) => {
  const { entry, kinds } = near
  const { position, event, api, distinct_id: id, source, received_at: time } = entry
  const isLater = position > at
  const [name, hue] = markOf(kinds)
  return (
    <li>
      <Link
        to={{ at: position }}
        className={isLater ? "later" : ""}
        {...(position === at && { "aria-current": "true" as const })}
      >
        <Mark name={name} hue={isLater ? "plain" : hue} />
        <span className="n">{numberText(position)}</span>
        <b>{event === "tick" ? "time passed" : visible(api ?? event ?? "")}</b>
        <span className="w">
          {source !== undefined ? (
            <>
              <bdi>{visible(source)}</bdi> → <bdi>{visible(id ?? "")}</bdi>
            </>
          ) : (
            <>
              {id !== undefined && (
                <>
                  <IdText id={id} /> ·{" "}
                </>
              )}
              {hourText(Date.parse(time))}
            </>
          )}
        </span>
      </Link>
    </li>
  )
}

/** What came just before the playhead, and what had not come yet. */
export const Moment = () => {
  const [result, playheadAt] = [useAtom(around), useAtom(playhead)]
  const at = playheadAt ?? 0
  const found = AsyncResult.value(result)
  const entries = found._tag === "None" ? [] : found.value
  const here = entries.find(({ entry }) => entry.position === at)?.entry.event_uuid
  useEffect(() => registry.set(eventHere, here), [here])
  const isStale = entries.length > 0 && here === undefined
  return (
    <section className="panel moment" aria-labelledby="h-moment">
      <header>
        <h2 id="h-moment">Around this moment</h2>
      </header>
      <Answered result={result}>
        {() => (
          <ol className={isStale ? "events stale" : "events"}>
            {entries.flatMap((near, index) => {
              const { position } = near.entry
              const isFirstLater = position > at && (entries[index - 1]?.entry.position ?? 0) <= at
              return [
                isFirstLater && (
                  <li key="rule" className="rule">
                    not yet come
                  </li>
                ),
                <Entry key={position} near={near} at={at} />,
              ]
            })}
          </ol>
        )}
      </Answered>
    </section>
  )
}
