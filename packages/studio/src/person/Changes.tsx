import { useMemo } from "react"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import * as Json from "@onymous/identity/encoding/Json"
import type { History } from "@onymous/timetravel/history/History"
import type * as Story from "@onymous/timetravel/questions/story/Story"
import { useAtom } from "../atoms/Registry.ts"
import { At } from "../address/At.tsx"
import { address, go } from "../address/Navigation.ts"
import { eventName } from "../past/EventWords.ts"
import { storyUntil } from "../past/WholeStory.ts"
import type { PersonThen } from "../past/PersonFacts.ts"
import { IdText } from "../words/IdText.tsx"
import { countText, positionText } from "../words/Numbers.ts"
import { shortText } from "../words/Times.ts"
import { visible } from "../words/EscapedText.ts"
import { Value } from "../look/Value.tsx"

/** The most changes that are shown at a time. */
const shownMax = 100

/** The most ids that a change names one by one. */
const idsMax = 4

const IdList = ({ ids }: { readonly ids: ReadonlyArray<string> }) => (
  <>
    {ids.slice(0, idsMax).map((id, index) => (
      <span key={id}>
        {index > 0 && ", "}
        <IdText id={id} />
      </span>
    ))}
    {ids.length > idsMax && ` and ${countText(ids.length - idsMax, "other")}`}
  </>
)

const PropertyDiff = ({ change }: { readonly change: Story.PropertyChange }) => (
  <div className="diff">
    <dt>{visible(change.key)}</dt>
    <dd>
      {change.before !== undefined && (
        <del>
          <Value value={change.before} />
        </del>
      )}{" "}
      {change.after !== undefined && (
        <ins>
          <Value value={change.after} />
        </ins>
      )}
    </dd>
  </div>
)

const Change = ({ happening }: { readonly happening: Story.Happening }) => {
  const { position, event, what, joined, left, properties } = happening
  return (
    <li>
      <p>
        <At position={position} /> <b>{visible(what)}</b>{" "}
        <small>{event && `${eventName(event.event)}, ${shortText(event.recordedAt)}`}</small>
      </p>
      {joined.length > 0 && (
        <p className="gained">
          + <IdList ids={joined} />
        </p>
      )}
      {left.length > 0 && (
        <p className="lost">
          − <IdList ids={left} />
        </p>
      )}
      {properties.length > 0 && (
        <dl>
          {properties.map((change) => (
            <PropertyDiff key={change.key} change={change} />
          ))}
        </dl>
      )}
    </li>
  )
}

/** What differs between two moments of a person. */
const Compared = ({ history, id, person, at, vs }: Props & { readonly vs: number }) => {
  const then = history.personAt(DistinctId(id), vs)
  const ids = new Set(then?.distinctIds)
  const now = new Set(person.distinctIds)
  const keys = [
    ...new Set([...Object.keys(then?.properties ?? {}), ...Object.keys(person.properties)]),
  ]
  const changed = keys.flatMap((key) => {
    const [before, after] = [
      Json.get(then?.properties ?? {}, key),
      Json.get(person.properties, key),
    ]
    if (before !== undefined && after !== undefined && Json.equals(before, after)) return []
    return [{ key, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }]
  })
  const joined = person.distinctIds.filter((each) => !ids.has(each))
  const left = [...ids].filter((each) => !now.has(each))
  return (
    <div className="note when-past compared">
      <div>
        <p>
          <b>
            From <At position={vs} /> to {positionText(at)}
          </b>
          {joined.length + left.length + changed.length === 0 && ": nothing differs."}
        </p>
        {joined.length > 0 && (
          <p className="gained">
            + <IdList ids={joined} />
          </p>
        )}
        {left.length > 0 && (
          <p className="lost">
            − <IdList ids={left} />
          </p>
        )}
        <dl>
          {changed.map((change) => (
            <PropertyDiff key={change.key} change={change} />
          ))}
        </dl>
      </div>
      <button type="button" onClick={() => go({ vs: undefined })}>
        Done
      </button>
    </div>
  )
}

interface Props {
  readonly history: History
  readonly id: string
  readonly person: PersonThen
  readonly at: number
}

/** Every change of a person, the newest first, with what it changed. */
export const Changes = (props: Props) => {
  const { history, id, at } = props
  const { vs } = useAtom(address)
  const story = useMemo(() => storyUntil(history, id, at).toReversed(), [history, id, at])
  return (
    <div className="pad col">
      {vs !== undefined && <Compared {...props} vs={vs} />}
      <ol className="changes">
        {story.slice(0, shownMax).map((happening, index) => (
          <Change key={index} happening={happening} />
        ))}
      </ol>
      {story.length > shownMax && (
        <p className="quiet">
          {countText(story.length - shownMax, "change")} before these: go back in time to see them.
        </p>
      )}
    </div>
  )
}
