import { Schema } from "effect"
import type { Json } from "@onymous/identity/encoding/Json"
import { Policy } from "@onymous/identity/policy/Policy"

/** A rule by its name. */
export type RuleName = keyof Policy

/** What a rule is about, and what it may be. */
export interface Rule {
  readonly name: RuleName
  readonly description: string
  /** The values that it may have, where they can be listed. */
  readonly choices: ReadonlyArray<string | boolean> | undefined
}

const choicesOf = (schema: Schema.Top): Rule["choices"] => {
  if (schema.ast._tag === "Boolean") return [true, false]
  if (schema.ast._tag !== "Union") return undefined
  const literals = schema.ast.types.flatMap((type) =>
    type._tag === "Literal" && typeof type.literal === "string" ? [type.literal] : [],
  )
  return literals.length === schema.ast.types.length ? literals : undefined
}

const descriptionOf = (schema: Schema.Top): string => {
  const found = Schema.resolveAnnotations(schema)?.["description"]
  return typeof found === "string" ? found : ""
}

const isRule = (name: string): name is RuleName => Object.hasOwn(Policy.fields, name)

/** All rules, in the order of the policy; presets set others, and filters of people change nobody. */
export const allRules: ReadonlyArray<Rule> = Object.entries(Policy.fields).flatMap(
  ([name, schema]) =>
    isRule(name) && name !== "internal_users"
      ? [{ name, description: descriptionOf(schema), choices: choicesOf(schema) }]
      : [],
)

const parsed = (text: string): Json => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** The value that a text of a rule's input means. */
export const valueOf = (rule: Rule, text: string): Json =>
  rule.choices?.find((choice) => `${choice}` === text) ?? parsed(text)

interface Props {
  readonly rule: Rule
  readonly text: string
  readonly onText: (text: string) => void
}

/** Takes another value of a rule. */
export const RuleInput = ({ rule, text, onText }: Props) =>
  rule.choices === undefined ? (
    <input aria-label="Its value" value={text} onChange={({ target }) => onText(target.value)} />
  ) : (
    <select aria-label="Its value" value={text} onChange={({ target }) => onText(target.value)}>
      {rule.choices.map((choice) => (
        <option key={`${choice}`} value={`${choice}`}>
          {`${choice}`}
        </option>
      ))}
    </select>
  )
