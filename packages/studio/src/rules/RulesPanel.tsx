import { Effect } from "effect"
import { useState } from "react"
import type { Json } from "@onymous/identity/encoding/Json"
import type { Policy } from "@onymous/identity/policy/Policy"
import { useAtom } from "../atoms/Registry.ts"
import { rules } from "../data/PolicyThen.ts"
import { Answered } from "../look/Answered.tsx"
import { SidePanel } from "../whatif/SidePanel.tsx"
import { countText } from "../words/Numbers.ts"
import type { AskedFork } from "../whatif/AskedWhatIf.ts"
import { otherRules } from "./PolicyWhatIf.ts"
import { allRules, RuleInput, type RuleName, valueOf } from "./RuleInput.tsx"

const textOf = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value)

const Outcome = ({ found }: { readonly found: AskedFork }) => {
  const { asItIs, without, warningsAdded, warningsRemoved } = found
  const ids = [...new Set([...asItIs, ...without].map(({ person }) => person.id))]
  const letterOf = ({ person }: { readonly person: { readonly id: string } }) =>
    ids.findIndex((id) => id === person.id)
  if (ids.length === 0 && warningsAdded + warningsRemoved === 0) {
    return (
      <p className="verdict" role="status">
        Nobody would be another.
      </p>
    )
  }
  return (
    <>
      <p className="verdict" role="status">
        {countText(asItIs.length, "person")} would be {countText(without.length, "person")}, with{" "}
        {countText(warningsAdded, "warning")} more and {warningsRemoved} fewer. Nothing is written.
      </p>
      <div className="fork">
        <SidePanel title="As it is" name="with" sides={asItIs} letterOf={letterOf} />
        <SidePanel title="With this rule" name="without" sides={without} letterOf={letterOf} />
      </div>
    </>
  )
}

/** Asks, and has the answer. */
const useAnswer = () => {
  const [found, setFound] = useState<AskedFork>()
  const [wrong, setWrong] = useState<string>()
  const [isBusy, setBusy] = useState(false)
  const ask = (name: string, value: Json) => {
    setBusy(true)
    void Effect.runPromise(
      Effect.match(otherRules(name, value), {
        onFailure: ({ message }) => setWrong(message),
        onSuccess: (answer) => {
          setWrong(undefined)
          setFound(answer)
        },
      }),
    ).then(() => setBusy(false))
  }
  return { found, wrong, isBusy, ask, forget: () => setFound(undefined) }
}

/** Asks what another rule would have come to. */
const WhatIfRule = ({ policy }: { readonly policy: Policy }) => {
  const [name, setName] = useState<RuleName>("guard_identified_parts")
  const [text, setText] = useState("")
  const { found, wrong, isBusy, ask, forget } = useAnswer()
  const rule = allRules.find((each) => each.name === name)
  if (rule === undefined) return null
  const value = text === "" ? textOf(policy[name]) : text
  return (
    <>
      <form
        className="rule"
        onSubmit={(event) => {
          event.preventDefault()
          ask(name, valueOf(rule, value))
        }}
      >
        <select
          aria-label="A rule"
          value={name}
          onChange={({ target }) => {
            setName(allRules.find((each) => each.name === target.value)?.name ?? name)
            setText("")
            forget()
          }}
        >
          {allRules.map((each) => (
            <option key={each.name}>{each.name}</option>
          ))}
        </select>
        <RuleInput rule={rule} text={value} onText={setText} />
        <button type="submit" className="go" disabled={isBusy}>
          {isBusy ? "Folding the log …" : "What if"}
        </button>
      </form>
      <p className="quiet">
        {rule.description}. It is {textOf(policy[name])} now.
      </p>
      {wrong !== undefined && (
        <p className="lost" role="alert">
          {wrong}
        </p>
      )}
      {found !== undefined && <Outcome found={found} />}
    </>
  )
}

/** The rules that hold, and what others would have come to. */
export const RulesPanel = () => (
  <section className="panel" aria-labelledby="h-rules">
    <header>
      <h2 id="h-rules">Rules</h2>
      <small>what if one had been another, from the beginning</small>
    </header>
    <Answered result={useAtom(rules)}>
      {(policy) => (
        <div className="pad col">
          <WhatIfRule policy={policy} />
          <details className="all-rules">
            <summary>All {allRules.length} rules</summary>
            <dl>
              {allRules.map(({ name }) => (
                <div className="pair-line" key={name}>
                  <dt>{name}</dt>
                  <dd>{textOf(policy[name])}</dd>
                </div>
              ))}
            </dl>
          </details>
        </div>
      )}
    </Answered>
  </section>
)
