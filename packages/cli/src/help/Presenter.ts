import { Console, Effect } from "effect"
import { type CliError, CliOutput } from "effect/cli"
import type { ExampleDoc, HelpDoc } from "effect/cli/HelpDoc"
import { failureText } from "../output/FailureText.ts"
import { examples } from "./Examples.ts"
import * as HelpPage from "./HelpPage.ts"

/** The sentence of a wrong use, on one line, with arguments and commands as the help names them. */
const sentenceOf = (error: CliError.NonShowHelpErrors): string => {
  switch (error._tag) {
    case "MissingArgument":
      return `Missing argument: ${HelpPage.argumentName(error.argument)}`
    case "InvalidValue": {
      const name =
        error.kind === "argument" ? HelpPage.argumentName(error.option) : `--${error.option}`
      return `${name}: expected ${expectedOf(error)}, not ${JSON.stringify(error.value)}`
    }
    case "UnrecognizedOption":
      return `Unknown flag: ${error.option}${meant(error.suggestions)}`
    case "UnknownSubcommand":
      return `Unknown command: ${error.subcommand}${meant(error.suggestions)}`
    default:
      return error.message.replaceAll(/\s*\n\s*/g, " ")
  }
}

const expectedOf = ({ expected }: CliError.InvalidValue): string => {
  if (/representing a finite number|integer/.test(expected)) return "a whole number"
  // In words of ours, because the redaction takes `key=value` for a key with its value.
  if (expected.startsWith("Invalid key=value format")) return "FIELD=VALUE"
  return expected.replace(/^Expected:? /, "").replaceAll('" | "', '" or "')
}

const meant = (suggestions: ReadonlyArray<string>): string =>
  suggestions.length === 0 ? "" : `. Did you mean ${suggestions.join(" or ")}?`

/** Commands below another one, which are loaded with it, bring their own examples. */
const examplesOf = ({
  commandPath = [],
  examples: own = [],
}: HelpDoc): ReadonlyArray<ExampleDoc> => {
  const [, name = "", ...below] = commandPath
  return below.length === 0 ? (examples[name] ?? []) : own
}

/**
 * Help that was asked for goes to standard output. Wrong use leaves that empty, because a script
 * may read it: standard error gets a line for each error, and where to find the help; or all of it
 * as one line of JSON.
 */
export const layer = (asJson: boolean) =>
  CliOutput.layerPresenter({
    present: Effect.fnUntraced(function* (event) {
      switch (event._tag) {
        case "Version":
          return yield* Console.log(`${event.name} v${event.version}`)
        case "Help": {
          const page = HelpPage.format(event.helpDoc, examplesOf(event.helpDoc))
          return yield* event.reason === "Requested" ? Console.log(page) : Console.error(page)
        }
        case "InvalidInvocation": {
          const sentences = event.errors.map(sentenceOf)
          if (asJson)
            return yield* Console.error(failureText(sentences.join(" "), true, "invalid_input"))
          for (const sentence of sentences) yield* Console.error(failureText(sentence, false))
          return yield* Console.error(`See ${event.commandPath.join(" ")} --help.`)
        }
      }
    }),
  })
