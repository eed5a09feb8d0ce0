import { useState } from "react"
import type { History } from "@onymous/timetravel/history/History"
import { At } from "../address/At.tsx"
import { useAtom } from "../atoms/Registry.ts"
import { Mark } from "../look/Mark.tsx"
import { rulesShown } from "../look/RulesShown.ts"
import { byWhom, eventName } from "../past/EventWords.ts"
import { IdText } from "../words/IdText.tsx"
import { momentText } from "../words/Times.ts"
import { visible } from "../words/EscapedText.ts"
import type { Separation, ToldRefusal } from "./Answers.ts"
import { RulesSeen } from "./RulesSeen.tsx"

const Reason = ({ refusal }: { readonly refusal: ToldRefusal }) => {
  const [target, source] = [<IdText id={refusal.target} />, <IdText id={refusal.source} />]
  switch (refusal.outcome) {
    case "refused_illegal":
      return (
        <>
          {source} and {target} were to be merged. One of them is on the project’s list of illegal
          ids, so nothing was merged.
        </>
      )
    case "refused_identified":
      return (
        <>
          {source} was to be merged into {target}. {source} was identified already
          {refusal.identifiedAt !== undefined && (
            <>
              , since <At position={refusal.identifiedAt} />
            </>
          )}
          : who is identified is never merged into somebody else.
        </>
      )
    default:
      return (
        <>
          {source} was to be merged into {target}. The rules asked: {visible(refusal.check)}.
        </>
      )
  }
}

const Refusal = ({
  history,
  refusal,
}: {
  readonly history: History
  readonly refusal: ToldRefusal
}) => {
  const [isOpen, setOpen] = useState(false)
  const showsAll = useAtom(rulesShown)
  const { event, again } = refusal
  const by = byWhom(event.event)
  const shows = isOpen || showsAll
  return (
    <>
      <li>
        <Mark name="refused" hue="refused" />
        <span className="n">
          <At position={event.position} />
        </span>{" "}
        <b>{visible(eventName(event.event))}</b>{" "}
        <small>
          {momentText(event.recordedAt)}
          {by !== undefined && `, ${visible(by)}`}
        </small>
        <p>
          <Reason refusal={refusal} />
        </p>
        <div className="actions">
          <button type="button" aria-expanded={shows} onClick={() => setOpen(!shows)}>
            What the rules saw
          </button>
        </div>
        {shows && <RulesSeen history={history} event={event} />}
      </li>
      {again.length > 0 && (
        <li>
          <Mark name="refused" hue="refused" />
          {again.slice(0, 12).map((position, index) => (
            <span key={position} className="n">
              {index > 0 && ", "}
              <At position={position} />
            </span>
          ))}{" "}
          <small>the same again</small>
        </li>
      )}
    </>
  )
}

/** Merges of the two that were asked for and refused, with what would make them pass. */
export const Refusals = ({
  history,
  refusals,
}: {
  readonly history: History
  readonly refusals: ReadonlyArray<ToldRefusal>
}) => (
  <>
    <ol className="chain">
      {refusals.map((refusal) => (
        <Refusal key={refusal.event.position} history={history} refusal={refusal} />
      ))}
    </ol>
    {[...new Set(refusals.map(({ remedy }) => remedy))].map((remedy) => (
      <div key={remedy} className="note info">
        <p>
          <b>What would make it pass:</b> {remedy}
        </p>
      </div>
    ))}
  </>
)

const acts: Readonly<Record<string, readonly [string, string]>> = {
  PersonSplit: ["split", "split it"],
  PersonDeleted: ["delete", "deleted it"],
  Retracted: ["retract", "retracted the event that had joined them"],
}

/** What took two ids apart that had been one person. */
export const Separations = ({
  separations,
}: {
  readonly separations: ReadonlyArray<Separation>
}) => (
  <ol className="chain">
    {separations.map(({ event: recorded, from }) => {
      const { event, position } = recorded
      const [mark, did] = acts[event._tag] ?? ["split", "took them apart"]
      const by = "by" in event ? event.by : undefined
      const reason = "reason" in event ? event.reason : undefined
      return (
        <li key={position}>
          <Mark name={mark} hue="apart" />
          <span className="n">
            <At position={position} />
          </span>{" "}
          <b>{visible(eventName(event))}</b> <small>{momentText(recorded.recordedAt)}</small>
          <p>
            They were one
            {from !== undefined && (
              <>
                {" "}
                from <At position={from} />
              </>
            )}{" "}
            to <At position={position} />. {visible(by ?? "An operator")} {did}
            {reason === undefined ? "." : `: “${visible(reason)}”`}
          </p>
        </li>
      )
    })}
  </ol>
)
