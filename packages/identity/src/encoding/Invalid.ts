import { Result, type Schema, SchemaIssue } from "effect"

/** Why a value is not what it should be: the field, and what was expected there. */
export interface Invalid {
  readonly field: string
  readonly expected: string
}

/** Refuses a field. */
export const invalid = (field: string, expected: string): Result.Result<never, Invalid> =>
  Result.fail({ field, expected })

const format = SchemaIssue.makeFormatterStandardSchemaV1()

/** The first thing that a schema found wrong: `[0]` is a place in a list, and `whole` names the value itself. */
export const ofSchema = ({ issue }: Schema.SchemaError, whole: string): Invalid => {
  const [first] = format(issue).issues
  const path = (first?.path ?? []).map((part) => (typeof part === "object" ? part.key : part))
  const field = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
  return {
    field: field.join("").replace(/^\./, "") || whole,
    expected: first?.message.replace(/^Expected /, "") ?? "something else",
  }
}
