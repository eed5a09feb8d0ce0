import { At } from "../address/At.tsx"
import { address, go } from "../address/Navigation.ts"
import { useAtom } from "../atoms/Registry.ts"
import type { AskedThen } from "../data/AskedThen.ts"
import { Tour } from "../tour/TourSteps.ts"
import { IdText } from "../words/IdText.tsx"
import { Counted } from "../words/Numbers.ts"
import { momentText } from "../words/Times.ts"
import { visible } from "../words/EscapedText.ts"
import { Pair } from "./WhyPanel.tsx"

type Answer = NonNullable<AskedThen["why"]>["answer"]

const verdictOf = ({ same, chain, refusals, separated, unseen }: Answer): string => {
  if (same) return `They are one person. ${Counted(chain.length, "event")} made it so.`
  if (unseen.length > 0) return "They are two. Nobody was called one of them by then."
  if (separated !== undefined) return "They are two. They were one, and were taken apart."
  return refusals.length === 0
    ? "They are two. No event ever named both."
    : `They are two. ${Counted(refusals.length, "event")} asked to make them one, and ${refusals.length === 1 ? "it" : "each"} was refused.`
}

const leaveOut = (uuid: string): void => {
  Tour.done("leave")
  go({ without: [uuid], at: undefined })
}

const Chain = ({ chain }: Answer) => (
  <ol className="chain">
    {chain.map(({ position, event, event_uuid: uuid, received_at: time, from, to }) => (
      <li key={position}>
        <div>
          <span className="n">
            <At position={position} />
          </span>{" "}
          <b>{visible(event ?? "")}</b> <small>{momentText(Date.parse(time))}</small>
          <p>
            <IdText id={from} /> and <IdText id={to} /> became one.
          </p>
          <div className="actions">
            <button type="button" onClick={() => leaveOut(uuid)}>
              Leave this out
            </button>
          </div>
        </div>
      </li>
    ))}
  </ol>
)

/** Why two ids are one person, as the server tells it. */
export const AskedWhy = ({ id, why }: { readonly id: string; readonly why: AskedThen["why"] }) => {
  const { with: other } = useAtom(address)
  const answer = why !== undefined && why.other === other ? why.answer : undefined
  return (
    <section className="panel why" aria-labelledby="h-why">
      <header>
        <h2 id="h-why">{answer?.same === false ? "Why not one person?" : "Why one person?"}</h2>
      </header>
      <div className="pad col">
        <Pair a={id} b={other} />
        {other === undefined && <p className="quiet">Name another id, or click one.</p>}
        {other !== undefined && answer === undefined && (
          <p className="quiet" role="status">
            Asking the server
          </p>
        )}
        {answer !== undefined && (
          <>
            <p className="verdict">{verdictOf(answer)}</p>
            <Chain {...answer} />
          </>
        )}
      </div>
    </section>
  )
}
