import { Effect } from "effect"
import { useState } from "react"
import type { Policy } from "@onymous/identity/policy/Policy"
import { useAtom } from "../atoms/Registry.ts"
import { rules } from "../data/PolicyThen.ts"
import { Answered } from "../look/Answered.tsx"
import { SidePanel } from "../whatif/SidePanel.tsx"
import { visible } from "../words/EscapedText.ts"
import { countText } from "../words/Numbers.ts"
import type { AskedFork } from "../whatif/AskedWhatIf.ts"
import { otherRules } from "./PolicyWhatIf.ts"
import { allRules, type Rule, RuleInput, type RuleName, valueOf } from "./RuleInput.tsx"

const textOf = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value)

/** Rules that would be others, and their values as somebody wrote them. */
type ChangedRules = ReadonlyArray<{ readonly rule: Rule; readonly text: string }>

const Outcome = ({ found, rules }: { readonly found: AskedFork; readonly rules: number }) => {
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
        <SidePanel
          title={rules > 1 ? "With these rules" : "With this rule"}
          name="without"
          sides={without}
          letterOf={letterOf}
        />
      </div>
    </>
  )
}

/** Asks, and has the answer. */
const useAnswer = () => {
  const [found, setFound] = useState<AskedFork>()
  const [wrong, setWrong] = useState<string>()
  const [isBusy, setBusy] = useState(false)
  const ask = (others: ChangedRules) => {
    setBusy(true)
    const asked = Object.fromEntries(
      others.map(({ rule, text }) => [rule.name, valueOf(rule, text)]),
    )
    void Effect.runPromise(
      Effect.match(otherRules(asked), {
        onFailure: ({ message }) => setWrong(message),
        onSuccess: (answer) => {
          setWrong(undefined)
          setFound(answer)
        },
      }),
    ).then(() => setBusy(false))
  }
  const forget = () => {
    setWrong(undefined)
    setFound(undefined)
  }
  return { found, wrong, isBusy, ask, forget }
}

/** The rules that would be others: a rule with its value of now is none of them. */
const useChangedRules = (policy: Policy) => {
  const [changed, setChanged] = useState<ChangedRules>([])
  const leave = (gone: RuleName) => setChanged(changed.filter(({ rule }) => rule.name !== gone))
  const change = (rule: Rule, text: string) => {
    const others = changed.filter((each) => each.rule.name !== rule.name)
    const isAsItIs = text === textOf(policy[rule.name])
    setChanged(isAsItIs ? others : [...others, { rule, text }])
  }
  const textNow = ({ name }: Rule) =>
    changed.find(({ rule }) => rule.name === name)?.text ?? textOf(policy[name])
  return { changed, change, leave, textNow }
}

interface ChipsProps {
  readonly changed: ChangedRules
  readonly onLeave: (name: RuleName) => void
}

/** The rules that would be others, each with a way to leave it as it is. */
const Chips = ({ changed, onLeave }: ChipsProps) =>
  changed.length > 0 && (
    <ul className="chips" aria-label="Rules that would be others">
      {changed.map(({ rule: { name }, text }) => (
        <li key={name}>
          <code>{name}</code> {visible(text)}
          <button
            type="button"
            className="bare"
            aria-label={`Leave ${name} as it is`}
            onClick={() => onLeave(name)}
          >
            ×
          </button>
        </li>
      ))}
    </ul>
  )

/** Asks what other rules would have come to. */
const WhatIfRule = ({ policy }: { readonly policy: Policy }) => {
  const [name, setName] = useState<string>("guard_identified_parts")
  const { changed, change, leave, textNow } = useChangedRules(policy)
  const { found, wrong, isBusy, ask, forget } = useAnswer()
  const rule = allRules.find((each) => each.name === name)
  if (rule === undefined) return null
  return (
    <>
      <form
        className="rule"
        onSubmit={(event) => {
          event.preventDefault()
          ask(changed)
        }}
      >
        <select aria-label="A rule" value={name} onChange={({ target }) => setName(target.value)}>
          {allRules.map((each) => (
            <option key={each.name}>{each.name}</option>
          ))}
        </select>
        <RuleInput
          rule={rule}
          text={textNow(rule)}
          onText={(text) => {
            forget()
            change(rule, text)
          }}
        />
        <button type="submit" className="go" disabled={isBusy || changed.length === 0}>
          {isBusy ? "Folding the log …" : "What if"}
        </button>
      </form>
      <p className="quiet">
        {rule.description}. It is {textOf(policy[rule.name])} now.
      </p>
      <Chips
        changed={changed}
        onLeave={(gone) => {
          forget()
          leave(gone)
        }}
      />
      {wrong !== undefined && (
        <p className="lost" role="alert">
          {wrong}
        </p>
      )}
      {found !== undefined && <Outcome found={found} rules={changed.length} />}
    </>
  )
}

/** The rules that hold, and what others would have come to. */
export const RulesPanel = () => (
  <section className="panel" aria-labelledby="h-rules">
    <header>
      <h2 id="h-rules">Rules</h2>
      <small>what if some had been others from the beginning, until the log changes them</small>
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
