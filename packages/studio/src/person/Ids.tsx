import { useMemo, useState } from "react"
import type { History } from "@onymous/timetravel/history/History"
import { At } from "../address/At.tsx"
import { Link } from "../address/Link.tsx"
import { LongTable } from "../look/LongTable.tsx"
import { eventName } from "../past/EventWords.ts"
import { type IdFacts, idsOf, type PersonThen } from "../past/PersonFacts.ts"
import { IdText } from "../words/IdText.tsx"
import { numberText } from "../words/Numbers.ts"

const heads = (
  <>
    <th scope="col">Id</th>
    <th scope="col">First seen</th>
    <th scope="col">Joined by</th>
    <th scope="col" className="num">
      Events
    </th>
  </>
)

const cells = ({ id, firstSeen, joinedBy, events }: IdFacts) => (
  <>
    <td>
      <Link to={{ id, with: undefined }} className="id-link">
        <IdText id={id} />
      </Link>
    </td>
    <td>{firstSeen !== undefined && <At position={firstSeen} />}</td>
    <td>
      {joinedBy && (
        <>
          <At position={joinedBy.position} /> {eventName(joinedBy.event.event)}
        </>
      )}
    </td>
    <td className="num">{numberText(events)}</td>
  </>
)

/** The ids of a person: since when, by which event, and with how many events. */
export const Ids = ({
  history,
  person,
  at,
}: {
  readonly history: History
  readonly person: PersonThen
  readonly at: number
}) => {
  const [text, setText] = useState("")
  const all = useMemo(() => idsOf(history, person, at), [history, person, at])
  const wanted = text.toLowerCase()
  const rows = all.filter(({ id }) => id.toLowerCase().includes(wanted))
  const label = `Filter ${numberText(all.length)} ids`
  return (
    <>
      {all.length > 6 && (
        <div className="pad filter">
          <input
            type="search"
            aria-label={label}
            placeholder={label}
            value={text}
            onChange={({ target }) => setText(target.value)}
          />
        </div>
      )}
      <LongTable label="Ids" heads={heads} rows={rows} keyOf={({ id }) => id} cells={cells} />
    </>
  )
}
