import { visible } from "./VisibleText.ts"

/** A failure as JSON: its code and its words, and where one value was refused, its name and what was expected. */
interface FailureForm {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly field?: string
    readonly expected?: string
  }
}

/** A refusal says `field: expected …` in its message. */
const refusal = /^(\S+): expected ([^]*)$/

/** The form of a failure. */
const formOf = (code: string, message: string): FailureForm => {
  const [, field, expected] = refusal.exec(message) ?? []
  return field === undefined || expected === undefined
    ? { error: { code, message } }
    : { error: { code, message, field, expected } }
}

/** What standard error says of a failure: its message, or its form as one line of JSON. */
export const failureText = (message: string, asJson: boolean, code = "failed"): string =>
  asJson
    ? visible(JSON.stringify(formOf(code, message)))
    : message.split("\n").map(visible).join("\n")
