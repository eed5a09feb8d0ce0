/** A command of a README, and what it prints, where the README says it. */
export interface ReadmeCommand {
  readonly command: string
  readonly prints: ReadonlyArray<string>
}

/** The commands of a README's `sh` blocks, in their order; a line that ends in a backslash goes on. */
export const of = (text: string): ReadonlyArray<ReadmeCommand> => {
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```/gms)].map(({ 1: block = "" }) => block)
  const commands: Array<{ command: string; prints: Array<string> }> = []
  for (const line of blocks
    .join("")
    .replace(/\\\n\s*/g, "")
    .split("\n")) {
    const printed = /^# => (.*)/.exec(line)?.[1]
    if (printed !== undefined) commands.at(-1)?.prints.push(printed)
    else if (line !== "" && !line.startsWith("#")) commands.push({ command: line, prints: [] })
  }
  return commands
}
