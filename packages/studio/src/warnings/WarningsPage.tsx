import { useEffect } from "react"
import type { Json } from "@onymous/identity/encoding/Json"
import { At } from "../address/At.tsx"
import { Link } from "../address/Link.tsx"
import { address, go, step } from "../address/Navigation.ts"
import { useAtom } from "../atoms/Registry.ts"
import type { WarningGroup } from "../data/Forms.ts"
import { warned } from "../data/Warned.ts"
import { clock } from "../deck/Playhead.ts"
import { Answered } from "../look/Answered.tsx"
import { Mark } from "../look/Mark.tsx"
import { setTitle } from "../look/Title.ts"
import { IdText } from "../words/IdText.tsx"
import { countText, numberText } from "../words/Numbers.ts"
import { dayOf, dayText, hourText, momentText, shortText } from "../words/Times.ts"
import { visible } from "../words/EscapedText.ts"
import { Spark } from "./Spark.tsx"
import { titleOf } from "./WarningWords.ts"

type Warning = WarningGroup["warnings"][number]

/** The most examples of a type that are shown. */
const examplesMax = 50

const textIn = (
  details: Warning["details"],
  ...keys: ReadonlyArray<string>
): string | undefined => {
  const found: Json | undefined = keys.flatMap((key) => details[key] ?? [])[0]
  return typeof found === "string" ? found : undefined
}

/** The two ids of a warning: the one that was refused, and the other. */
const idsOf = ({ details }: Warning) => ({
  refused: textIn(details, "illegalDistinctId", "sourcePersonDistinctId"),
  other: textIn(details, "otherDistinctId", "targetPersonDistinctId", "distinctId"),
})

const isFound = (warning: Warning, text: string): boolean =>
  text === "" || JSON.stringify(warning.details).toLowerCase().includes(text.toLowerCase())

const Example = ({ warning }: { readonly warning: Warning }) => {
  const { refused, other } = idsOf(warning)
  const person = other ?? refused
  return (
    <tr>
      <td>
        <At position={warning.position} />
      </td>
      <td>{shortText(Date.parse(warning.timestamp))}</td>
      <td>{refused !== undefined && <IdText id={refused} />}</td>
      <td>
        {other !== undefined && (
          <Link
            to={{
              view: "persons",
              id: other,
              with: undefined,
              at: warning.position,
              type: undefined,
              q: undefined,
            }}
          >
            <IdText id={other} />
          </Link>
        )}
      </td>
      <td>
        {person !== undefined && (
          <Link
            to={{
              view: "persons",
              id: person,
              with: refused === person ? undefined : refused,
              at: warning.position,
              type: undefined,
              q: undefined,
            }}
          >
            why
          </Link>
        )}
      </td>
    </tr>
  )
}

/** Says so where all of them came at once. */
const Burst = ({ group }: { readonly group: WarningGroup }) => {
  const times = group.warnings.map(({ timestamp }) => Date.parse(timestamp))
  const [from, to] = [Math.min(...times), Math.max(...times)]
  if (group.warnings.length < 3 || to - from > 3_600_000 || times.length < group.count) return null
  const names = new Set(group.warnings.map((warning) => idsOf(warning).refused))
  const [only] = names
  return (
    <div className="pad">
      <div className="note info">
        <p>
          <b>All {numberText(group.count)} came within an hour</b>, on {dayText(from)} between{" "}
          {hourText(from)} and {hourText(to)}. None since.{" "}
          {names.size === 1 && only !== undefined && (
            <>
              All of them are about <IdText id={only} />.
            </>
          )}
        </p>
      </div>
    </div>
  )
}

const Group = ({
  group,
  until,
  isOpen,
}: {
  readonly group: WarningGroup
  readonly until: number
  readonly isOpen: boolean
}) => (
  <section className="panel">
    <details open={isOpen}>
      <summary className="row">
        <Mark name="warning" hue="refused" />
        <b>
          {titleOf(group.type)}{" "}
          <small>
            {numberText(group.count)}, last {momentText(Date.parse(group.last_seen))}
          </small>
        </b>
        <Spark sparkline={group.sparkline} until={until} />
        <p>{group.remedy}</p>
      </summary>
      <div
        className="scroll"
        tabIndex={0}
        role="region"
        aria-label={`${titleOf(group.type)}: examples`}
      >
        <table className="lines">
          <thead>
            <tr>
              <th scope="col">At</th>
              <th scope="col">When</th>
              <th scope="col">Refused id</th>
              <th scope="col">Other id</th>
              <th scope="col">
                <span className="sr">Why</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {group.warnings.slice(0, examplesMax).map((warning) => (
              <Example key={`${warning.position} ${warning.type}`} warning={warning} />
            ))}
          </tbody>
        </table>
      </div>
      <Burst group={group} />
    </details>
  </section>
)

const Filters = ({ groups }: { readonly groups: ReadonlyArray<WarningGroup> }) => {
  const { q = "", type = "" } = useAtom(address)
  return (
    <div className="actions filters">
      <input
        type="search"
        aria-label="Filter"
        placeholder="Filter by id or text"
        value={q}
        onChange={({ target }) => step({ q: target.value === "" ? undefined : target.value })}
      />
      <select
        aria-label="Type"
        value={type}
        onChange={({ target }) => go({ type: target.value === "" ? undefined : target.value })}
      >
        <option value="">All types</option>
        {groups.map((group) => (
          <option key={group.type} value={group.type}>
            {titleOf(group.type)}
          </option>
        ))}
      </select>
    </div>
  )
}

/** Events that were kept, but not applied as they asked. */
export const WarningsPage = () => {
  const [result, time] = [useAtom(warned), useAtom(clock)]
  const { q = "", type } = useAtom(address)
  useEffect(() => setTitle("Warnings"), [])
  return (
    <main className="one" id="main">
      <Answered result={result}>
        {(groups) => {
          const shown = groups
            .filter((group) => type === undefined || group.type === type)
            .map((group) => ({
              ...group,
              warnings: group.warnings.filter((warning) => isFound(warning, q)),
            }))
            .filter(({ warnings }) => q === "" || warnings.length > 0)
          const count = groups.reduce((sum, each) => sum + each.count, 0)
          const end = time ?? Math.max(...groups.map(({ last_seen: last }) => Date.parse(last)))
          return (
            <>
              <div className="person">
                <h1>Warnings</h1>
                <p>
                  Events that were kept, but not applied as they asked. {countText(count, "event")}{" "}
                  by this moment.
                </p>
              </div>
              <Filters groups={groups} />
              {shown.map((group, index) => (
                <Group
                  key={`${group.type} ${dayOf(end)}`}
                  group={group}
                  until={end}
                  isOpen={index === 0 || type !== undefined || q !== ""}
                />
              ))}
              {shown.length === 0 && (
                <section className="panel empty">
                  <p className="verdict">
                    {count === 0
                      ? "Every event was applied as it asked."
                      : "No warning is about this."}
                  </p>
                  {q !== "" && <p>{visible(q)}</p>}
                </section>
              )}
            </>
          )
        }}
      </Answered>
    </main>
  )
}
