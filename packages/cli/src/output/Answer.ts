import { Console, Effect } from "effect"
import { Progress } from "./ProgressLine.ts"
import { type Width, wrapLine } from "./TextWrap.ts"
import { visible } from "./VisibleText.ts"

/** The default number of columns of a terminal. */
const widthByDefault = 80

/** The columns of the terminal on standard output; none where it is a file or a pipe. */
const ownWidth = (): Width =>
  process.stdout.isTTY ? process.stdout.columns || widthByDefault : undefined

/** The lines of an answer, each escaped and no wider than the terminal. */
export const fitted = (lines: ReadonlyArray<string>, width: Width): ReadonlyArray<string> =>
  lines.flatMap((line) => wrapLine(visible(line), width))

/** The JSON of an answer; on a terminal invisible characters are escaped, which leaves its value unchanged. */
const jsonOf = (form: object): string => {
  const text = JSON.stringify(form)
  return process.stdout.isTTY ? visible(text) : text
}

/** Formats a form as lines of text whose tables fit the width. */
export type Printer<Form> = (form: Form, width: Width) => ReadonlyArray<string>

/** Prints an answer: its form as JSON, or its text. */
export const print = <Form extends object>(
  form: Form,
  asJson: boolean,
  text: Printer<Form>,
): Effect.Effect<void> => {
  const width = ownWidth()
  return Effect.flatMap(Progress, (progress) => {
    progress.end()
    return Console.log(asJson ? jsonOf(form) : fitted(text(form, width), width).join("\n"))
  })
}
