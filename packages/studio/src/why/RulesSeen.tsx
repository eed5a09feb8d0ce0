import { useMemo } from "react"
import type { Recorded } from "@onymous/identity/event/Event"
import type { History } from "@onymous/timetravel/history/History"
import * as Trace from "@onymous/timetravel/questions/trace/Trace"
import { Mark } from "../look/Mark.tsx"
import { visible } from "../words/EscapedText.ts"

/** What the rules saw of an event, check by check. */
export const RulesSeen = ({
  history,
  event,
}: {
  readonly history: History
  readonly event: Recorded
}) => {
  const { checks, remedies } = useMemo(() => Trace.trace(history, event), [history, event])
  return (
    <div className="rules-seen">
      <ol className="checks">
        {checks.map(({ id, verdict, check, outcome }) => (
          <li key={id} data-check={id} data-verdict={verdict}>
            <Mark
              name={verdict === "stop" ? "refused" : "yes"}
              hue={verdict === "stop" || verdict === "observed" ? "refused" : "merge"}
            />
            <span>
              {visible(check)} <b>{visible(outcome)}</b>
            </span>
          </li>
        ))}
      </ol>
      {remedies.map((remedy) => (
        <p key={remedy} className="quiet">
          {visible(remedy)}
        </p>
      ))}
    </div>
  )
}
