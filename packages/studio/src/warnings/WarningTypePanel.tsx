import type { Json } from "@onymous/identity/encoding/Json"
import { At } from "../address/At.tsx"
import { Link } from "../address/Link.tsx"
import type { WarningGroup } from "../data/Forms.ts"
import { Mark } from "../look/Mark.tsx"
import { IdText } from "../words/IdText.tsx"
import { numberText } from "../words/Numbers.ts"
import { dayText, hourText, momentText, shortText } from "../words/Times.ts"
import { visible } from "../words/EscapedText.ts"
import { bySender, type Warning } from "./Senders.ts"
import { Spark } from "./Spark.tsx"
import { titleOf } from "./WarningWords.ts"

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
              lib: undefined,
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
              lib: undefined,
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

/** The warnings of a type, by the library that sent their events. */
export const WarningTypePanel = ({
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
          {bySender(group.warnings).map(({ sender, warnings }) => (
            <tbody key={sender ?? ""}>
              <tr className="sender">
                <th scope="rowgroup" colSpan={5}>
                  {sender === undefined ? "From a library that does not say so" : visible(sender)}{" "}
                  <small>{numberText(warnings.length)}</small>
                </th>
              </tr>
              {warnings.map((warning) => (
                <Example key={`${warning.position} ${warning.type}`} warning={warning} />
              ))}
            </tbody>
          ))}
        </table>
      </div>
      <Burst group={group} />
    </details>
  </section>
)
