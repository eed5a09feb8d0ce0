import { useMemo } from "react"
import type { History } from "@onymous/timetravel/history/History"
import type * as PropertyBlame from "@onymous/timetravel/questions/story/PropertyBlame"
import { At } from "../address/At.tsx"
import { eventName } from "../past/EventWords.ts"
import type { PersonThen } from "../past/PersonFacts.ts"
import { settingsOf } from "../past/PropertySettings.ts"
import { visible } from "../words/EscapedText.ts"
import { Value } from "../look/Value.tsx"

interface Row {
  readonly key: string
  readonly settings: ReadonlyArray<PropertyBlame.Setting>
}

/** What people say of themselves stands before what libraries add. */
const rank = (key: string): number => {
  if (key.startsWith("$")) return 3
  const index = ["name", "email"].indexOf(key)
  return index < 0 ? 2 : index / 2
}

const rowsOf = (
  history: History,
  id: string,
  person: PersonThen,
  at: number,
): ReadonlyArray<Row> => {
  const keys = Object.keys(person.properties).toSorted(
    (a, b) => rank(a) - rank(b) || (a < b ? -1 : 1),
  )
  const settings = settingsOf(history, id, keys, at)
  return keys.map((key, index) => ({ key, settings: settings[index] ?? [] }))
}

const Earlier = ({ setting }: { readonly setting: PropertyBlame.Setting }) => {
  if (setting.value === undefined) return null
  return (
    <span className="earlier">
      <del>
        <Value value={setting.value} />
      </del>{" "}
      {setting.lostAt === undefined ? (
        <span className="quiet">
          since <At position={setting.position} />
        </span>
      ) : (
        <span className="lost">
          lost at <At position={setting.lostAt} />
        </span>
      )}
    </span>
  )
}

/** The setting that holds, and the ones before it or lost. */
const partsOf = ({ settings }: Row) => {
  const now = settings.find(({ lostAt }) => lostAt === undefined)
  return { now, earlier: settings.filter((setting) => setting !== now).slice(0, 5) }
}

const PropertyRow = ({
  row,
  person,
  at,
}: {
  readonly row: Row
  readonly person: PersonThen
  readonly at: number
}) => {
  const { now, earlier } = partsOf(row)
  const isNew = now?.position === at || earlier.some(({ lostAt }) => lostAt === at)
  return (
    <tr className={isNew ? "mark" : ""}>
      <th scope="row">{visible(row.key)}</th>
      <td>
        <Value value={person.properties[row.key] ?? null} />
      </td>
      <td>
        {now && (
          <>
            <At position={now.position} /> {now.event && visible(eventName(now.event.event))}
          </>
        )}
      </td>
      <td>
        {earlier.map((setting, index) => (
          <Earlier key={index} setting={setting} />
        ))}
      </td>
    </tr>
  )
}

/** The properties of a person: set by which event, and what gave way. */
export const Properties = ({
  history,
  id,
  person,
  at,
}: {
  readonly history: History
  readonly id: string
  readonly person: PersonThen
  readonly at: number
}) => {
  const rows = useMemo(() => rowsOf(history, id, person, at), [history, id, person, at])
  if (rows.length === 0) return <p className="empty">No property has been set yet.</p>
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label="Properties">
      <table className="told">
        <thead>
          <tr>
            <th scope="col">Property</th>
            <th scope="col">Value</th>
            <th scope="col">Set by</th>
            <th scope="col">Before, or lost</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <PropertyRow key={row.key} row={row} person={person} at={at} />
          ))}
        </tbody>
      </table>
    </div>
  )
}
