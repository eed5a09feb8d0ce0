import { type Schema, SchemaIssue } from "effect"
import type { Invalid } from "../encoding/Invalid.ts"

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
