import { useMemo } from "react"
import type { History } from "@onymous/timetravel/history/History"
import { At } from "../address/At.tsx"
import { LongTable } from "../look/LongTable.tsx"
import { byWhom } from "../past/EventWords.ts"
import { eventsOf, nameOf, type PersonThen } from "../past/PersonFacts.ts"
import { IdText } from "../words/IdText.tsx"
import { shortText } from "../words/Times.ts"
import { visible } from "../words/EscapedText.ts"

type Row = ReturnType<typeof eventsOf>[number]

const heads = (
  <>
    <th scope="col">At</th>
    <th scope="col">Event</th>
    <th scope="col">Sent with</th>
    <th scope="col">Then whose</th>
    <th scope="col" className="num">
      When
    </th>
  </>
)

/** Whose an event was when it came: of another person than now, or of nobody yet. */
const Stamped = ({
  history,
  row,
  person,
}: {
  readonly history: History
  readonly row: Row
  readonly person: PersonThen
}) => {
  const then = history.versionAt(row.event.distinctId, row.position)
  if (then === undefined) return <span className="quiet">waited</span>
  if (then.id === person.id) return null
  return <span className="stamped">{visible(nameOf(then.properties) ?? row.event.distinctId)}</span>
}

/** The events of a person, the newest first; where another person had one when it came, it says so. */
export const Events = ({
  history,
  person,
  at,
}: {
  readonly history: History
  readonly person: PersonThen
  readonly at: number
}) => {
  const rows = useMemo(
    () => eventsOf(history, new Set(person.distinctIds), at).toReversed(),
    [history, person, at],
  )
  return (
    <LongTable
      label="Events"
      heads={heads}
      rows={rows}
      keyOf={({ position }) => `${position}`}
      cells={(row) => (
        <>
          <td>
            <At position={row.position} />
          </td>
          <td>
            {visible(row.event.name)} <small>{byWhom(row.event)}</small>
          </td>
          <td>
            <IdText id={row.event.distinctId} />
          </td>
          <td>
            <Stamped history={history} row={row} person={person} />
          </td>
          <td className="num">{shortText(row.recordedAt)}</td>
        </>
      )}
    />
  )
}
