import { AsyncResult } from "effect/reactivity"
import { useEffect, useMemo, useState } from "react"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import type { History } from "@onymous/timetravel/history/History"
import { At } from "../address/At.tsx"
import { address, go } from "../address/Navigation.ts"
import { useAtom } from "../atoms/Registry.ts"
import { coneOf } from "../data/FoldedCone.ts"
import { Icon } from "../look/Mark.tsx"
import { Tour } from "../tour/TourSteps.ts"
import { weakLinks } from "../past/WeakLinks.ts"
import { IdText } from "../words/IdText.tsx"
import { Counted, positionText } from "../words/Numbers.ts"
import { type Told, told } from "./Answers.ts"
import { Chain } from "./Chain.tsx"
import { Refusals, Separations } from "./WhyNot.tsx"

const Verdict = ({ answer, at }: { readonly answer: Told; readonly at: number }) => {
  const [unseen] = answer.unseen
  if (unseen !== undefined) {
    return (
      <p className="verdict">
        Nobody was called <IdText id={unseen} /> at {positionText(at)}. Later somebody may be: look
        at the live end.
      </p>
    )
  }
  if (answer.isSame) {
    return (
      <p className="verdict">
        They are one person
        {answer.since !== undefined && (
          <>
            {" "}
            since <At position={answer.since} />
          </>
        )}
        . {Counted(answer.steps.length, "event")} made it so.
      </p>
    )
  }
  if (answer.separations.length > 0) {
    return <p className="verdict">They are two. They were one, and were taken apart.</p>
  }
  const asked = answer.refusals.reduce((sum, { again }) => sum + 1 + again.length, 0)
  return (
    <p className="verdict">
      {asked === 0
        ? "They are two. No event ever named both."
        : `They are two. ${Counted(asked, "event")} asked to make them one, and ${asked === 1 ? "it" : "each"} was refused.`}
    </p>
  )
}

const Answer = ({
  history,
  a,
  b,
  at,
}: {
  readonly history: History
  readonly a: string
  readonly b: string
  readonly at: number
}) => {
  const answer = useMemo(() => told(history, a, b, at), [history, a, b, at])
  useEffect(() => {
    if (answer.isSame) Tour.done("why")
  }, [answer])
  return (
    <>
      <Verdict answer={answer} at={at} />
      {answer.isSame ? (
        <Chain history={history} steps={answer.steps} />
      ) : (
        <>
          {answer.separations.length > 0 && <Separations separations={answer.separations} />}
          {answer.refusals.length > 0 && <Refusals history={history} refusals={answer.refusals} />}
        </>
      )}
    </>
  )
}

/** The other end of the weakest link of a person: why it is one is asked first there. */
const otherEnd = (history: History, id: string, at: number): string | undefined => {
  const [weakest] = weakLinks(history, id, at)
  if (weakest === undefined) return undefined
  const { target, source } = weakest.link
  const far = weakest.parts.find(({ ids }) => !ids.some((each) => each === id))
  return far?.ids.some((each) => each === target) ? target : source
}

/** The two ids that why is asked of. */
export const Pair = ({ a, b }: { readonly a: string; readonly b: string | undefined }) => {
  const [[one, other], setTexts] = useState<readonly [string, string]>([a, b ?? ""])
  useEffect(() => setTexts([a, b ?? ""]), [a, b])
  const ask = () => {
    if (one !== "") go({ id: one, with: other === "" ? undefined : other })
  }
  return (
    <form
      className="pair"
      onSubmit={(event) => {
        event.preventDefault()
        ask()
      }}
    >
      <input
        aria-label="One id"
        value={one}
        onChange={({ target }) => setTexts([target.value, other])}
        onBlur={() => one !== a && ask()}
      />
      <button
        type="button"
        className="square bare"
        aria-label="Swap"
        onClick={() => other !== "" && go({ id: other, with: one })}
      >
        <Icon name="swap" />
      </button>
      <input
        aria-label="Other id"
        data-other-id
        placeholder="another id"
        value={other}
        onChange={({ target }) => setTexts([one, target.value])}
      />
      <button type="submit" className="sr">
        Ask
      </button>
    </form>
  )
}

/** The same question about an id of another person: both cones are needed for it. */
const Between = ({ a, b, at }: { readonly a: string; readonly b: string; readonly at: number }) => {
  const found = AsyncResult.value(useAtom(coneOf([a, b])))
  return found._tag === "None" ? null : <Answer history={found.value} a={a} b={b} at={at} />
}

/** Why two ids are one person, told in sentences; or why they are not, and what would make them one. */
export const WhyPanel = ({
  history,
  id,
  at,
}: {
  readonly history: History
  readonly id: string
  readonly at: number
}) => {
  const { with: named } = useAtom(address)
  const other = named ?? otherEnd(history, id, at)
  const own = history.componentAt(DistinctId(id), at)
  const isApart = other !== undefined && history.componentAt(DistinctId(other), at) !== own
  return (
    <section className="panel why" aria-labelledby="h-why">
      <header>
        <h2 id="h-why">{isApart ? "Why not one person?" : "Why one person?"}</h2>
      </header>
      <div className="pad col">
        <Pair a={id} b={other} />
        {other === undefined ? (
          <p className="quiet">Name another id, or click a lane.</p>
        ) : (
          <Between a={id} b={other} at={at} />
        )}
      </div>
    </section>
  )
}
