import { Option } from "effect"
import type { ArgDoc, ExampleDoc, FlagDoc, HelpDoc } from "effect/cli/HelpDoc"

/** A page is as wide as the narrowest usual terminal. */
const widthMax = 80

/** Longer names have their description on the next line, because descriptions need the space. */
const nameWidthMax = 24

const indent = "  "

/** Breaks a text between words into lines; a word that is longer than a line stays whole. */
const wrapped = (text: string, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = ""
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === "" ? word : `${line} ${word}`
  }
  return [...lines, line]
}

interface Row {
  readonly name: string
  readonly text: string
}

/** Names in one column, with their wrapped descriptions in the other. */
const listed = (rows: ReadonlyArray<Row>): ReadonlyArray<string> => {
  const longest = Math.max(
    ...rows.map(({ name }) => name.length).filter((length) => length <= nameWidthMax),
    0,
  )
  const margin = indent.length + longest + 2
  return rows.flatMap(({ name, text }) => {
    const [first = "", ...rest] = wrapped(text, widthMax - margin)
    const isLong = name.length > longest
    const lines = isLong ? ["", first, ...rest] : [first, ...rest]
    return lines.map((line, index) =>
      `${(index === 0 ? indent + name : "").padEnd(margin)}${line}`.trimEnd(),
    )
  })
}

const section = (title: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : ["", title, ...lines]

/** The name under which help and errors show an argument. */
export const argumentName = (name: string): string => name.toUpperCase()

const argumentRow = ({ name, description }: ArgDoc): Row => ({
  name: argumentName(name),
  text: Option.getOrElse(description, () => ""),
})

/** The choices stand in the description already. */
const valueOf = (type: string): string => (/^(?:choice|<.*>)$/.test(type) ? "choice" : type)

const flagRow = ({ name, aliases, type, description }: FlagDoc): Row => ({
  name: [`--${name}`, ...aliases].join(", ") + (type === "boolean" ? "" : ` ${valueOf(type)}`),
  text: Option.getOrElse(description, () => ""),
})

const usageOf = ({ commandPath = [], args = [], flags, subcommands }: HelpDoc): string => {
  const named = args.map(({ name, required, variadic }) => {
    const shown = argumentName(name) + (variadic ? "…" : "")
    return required ? shown : `[${shown}]`
  })
  return [
    ...commandPath,
    ...(subcommands === undefined ? [] : ["COMMAND"]),
    ...named,
    ...(flags.length > 0 || subcommands !== undefined ? ["[FLAGS]"] : []),
  ].join(" ")
}

const exitCodes = [
  { name: "0", text: "done" },
  { name: "1", text: "the answer is no: what was compared differs, or lines were not taken" },
  { name: "2", text: "wrong use" },
  { name: "3", text: "could not" },
]

/** The help of a command as a page of 80 columns. */
export const format = (doc: HelpDoc, examples: ReadonlyArray<ExampleDoc>): string => {
  const { commandPath = [], args = [], flags, subcommands = [] } = doc
  const isRoot = commandPath.length <= 1
  const commands = subcommands.flatMap((group) => group.commands)
  return [
    doc.description,
    ...section("USAGE", [`${indent}${usageOf(doc)}`]),
    ...section("ARGUMENTS", listed(args.map(argumentRow))),
    ...section(
      "SUBCOMMANDS",
      listed(commands.map(({ name, description }) => ({ name, text: description }))),
    ),
    ...section("FLAGS", listed([...flags, ...(doc.inheritedFlags ?? [])].map(flagRow))),
    ...section("GLOBAL FLAGS", listed(isRoot ? (doc.globalFlags ?? []).map(flagRow) : [])),
    ...section(
      "EXAMPLES",
      examples.flatMap(({ command, description = "" }) => [
        `${indent}${command}`,
        ...wrapped(description, widthMax - 3 * indent.length).map(
          (line) => `${indent.repeat(3)}${line}`,
        ),
      ]),
    ),
    ...section("EXIT CODES", listed(exitCodes)),
    "",
    ...(commands.length > 0
      ? [`"${commandPath.join(" ")} COMMAND --help" tells more of a command.`]
      : []),
    ...(isRoot ? [] : ['"onymous --help" lists the flags that every command has.']),
  ].join("\n")
}
