import { visible } from "./VisibleText.ts"

/** A failure as JSON: its code and message, and for a refused value its field and what was expected. */
interface FailureForm {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly field?: string
    readonly expected?: string
  }
}

/** The message of a refusal: `field: expected …`. */
const refusal = /^(\S+): expected ([^]*)$/

/** The form of a failure. */
const formOf = (code: string, message: string): FailureForm => {
  const [, field, expected] = refusal.exec(message) ?? []
  return field === undefined || expected === undefined
    ? { error: { code, message } }
    : { error: { code, message, field, expected } }
}

/** The text of a failure for standard error: its message, or its form as one line of JSON. */
export const failureText = (message: string, asJson: boolean, code = "failed"): string =>
  asJson
    ? visible(JSON.stringify(formOf(code, message)))
    : message.split("\n").map(visible).join("\n")
