import { useState } from "react"
import type { History } from "@onymous/timetravel/history/History"
import { At } from "../address/At.tsx"
import { go } from "../address/Navigation.ts"
import { useAtom } from "../atoms/Registry.ts"
import { Mark } from "../look/Mark.tsx"
import { rulesShown } from "../look/RulesShown.ts"
import { byWhom, eventName } from "../past/EventWords.ts"
import { Tour } from "../tour/TourSteps.ts"
import { momentText } from "../words/Times.ts"
import { visible } from "../words/EscapedText.ts"
import type { ToldStep } from "./Answers.ts"
import { RulesSeen } from "./RulesSeen.tsx"
import { StepSentences } from "./StepSentences.tsx"

const leaveOut = (uuid: string): void => {
  Tour.done("leave")
  go({ without: [uuid], at: undefined })
}

const StepBox = ({ history, told }: { readonly history: History; readonly told: ToldStep }) => {
  const [isOpen, setOpen] = useState(false)
  const showsAll = useAtom(rulesShown)
  const { event } = told.step.link
  const by = byWhom(event.event)
  const shows = isOpen || showsAll
  return (
    <div className={told.weak === undefined ? "" : "weak"}>
      <Mark name="merge" hue={told.weak === undefined ? "merge" : "refused"} />
      <span className="n">
        <At position={event.position} />
      </span>{" "}
      <b>{visible(eventName(event.event))}</b>{" "}
      <small>
        {momentText(event.recordedAt)}
        {by !== undefined && `, ${visible(by)}`}
      </small>
      <StepSentences {...told} />
      <div className="actions">
        <button
          type="button"
          className={told.weak === undefined ? "" : "go"}
          onClick={() => leaveOut(event.event.uuid)}
        >
          Leave this out
        </button>
        <button type="button" aria-expanded={shows} onClick={() => setOpen(!shows)}>
          What the rules saw
        </button>
      </div>
      {shows && <RulesSeen history={history} event={event} />}
    </div>
  )
}

/** The events that made one person of two ids, in the order in which they came. */
export const Chain = ({
  history,
  steps,
}: {
  readonly history: History
  readonly steps: ReadonlyArray<ToldStep>
}) => (
  <ol className="chain">
    {steps.map((told) => (
      <li key={told.step.link.event.position}>
        <StepBox history={history} told={told} />
      </li>
    ))}
  </ol>
)
