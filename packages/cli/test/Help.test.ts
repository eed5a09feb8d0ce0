import { Console, Effect, Exit, type Layer } from "effect"
import { Command } from "effect/cli"
import { beforeAll, describe, expect, it } from "vitest"
import { commands } from "../src/CommandList.ts"
import * as Presenter from "../src/help/Presenter.ts"
import * as Platform from "../src/Platform.ts"

type Run = (words: ReadonlyArray<string>) => Promise<{
  readonly isDone: boolean
  readonly stdout: string
  readonly stderr: string
}>

let run: Run = () => Promise.reject(new Error("The commands are not loaded."))

const provided: Layer.Layer<Layer.Success<typeof Platform.bare>> = Platform.bare

/** What the command's parser prints, with all commands loaded, and none of them run. */
beforeAll(async () => {
  const all = await Promise.all(commands.map(({ load }) => load()))
  const onymous = Command.make("onymous").pipe(
    Command.withDescription("Whose event is this, and why?"),
    Command.withSubcommands(all),
  )
  run = async (words) => {
    const printed: { stdout: Array<unknown>; stderr: Array<unknown> } = { stdout: [], stderr: [] }
    const console: Console.Console = {
      ...globalThis.console,
      log: (...texts) => printed.stdout.push(...texts),
      error: (...texts) => printed.stderr.push(...texts),
    }
    const exit = await Effect.runPromiseExit(
      Command.runWith(onymous, { version: "0" })(words).pipe(
        Effect.provide([provided, Presenter.layer(false)]),
        Effect.provideService(Console.Console, console),
      ),
    )
    const [stdout, stderr] = [printed.stdout.join("\n"), printed.stderr.join("\n")]
    return { isDone: Exit.isSuccess(exit), stdout, stderr }
  }
})

const pages: ReadonlyArray<ReadonlyArray<string>> = [
  [],
  ...commands.map(({ name }) => [name]),
  ...["split", "merge", "edit", "delete"].map((name) => ["person", name]),
]

/** Flags that stand for something else than nothing where they are not given. */
const settings = ["port", "host", "data-dir", "schema", "connections", "preset", "project", "at"]

const flagsOf = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/(?<= )--[a-z-]+/g)].map(([flag]) => flag)

describe.each(pages.map((path) => ({ path })))("the help of onymous $path", ({ path }) => {
  it("fits 80 columns, and tells exit codes", async () => {
    const { isDone, stdout, stderr } = await run([...path, "--help"])
    expect({ isDone, stderr }).toEqual({ isDone: true, stderr: "" })
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([])
    expect(stdout).toContain("EXIT CODES\n  0  done")
  })

  it("tells what holds where a setting is not given", async () => {
    const { stdout } = await run([...path, "--help"])
    const [, shown = ""] = /\nFLAGS\n([^]*?)\n\n/.exec(stdout) ?? []
    for (const [, name = "", text = ""] of shown.matchAll(
      /^ {2}--(\S+)([^]*?)(?=\n {2}\S|$(?![^]))/gm,
    )) {
      if (!settings.includes(name)) continue
      expect(text.replaceAll(/\s+/g, " "), `--${name}`).toMatch(/by default/)
    }
  })
})

it.each(pages.slice(1).map((path) => ({ path })))(
  "onymous $path has two examples, of flags that there are",
  async ({ path }) => {
    const { stdout } = await run([...path, "--help"])
    const [, shown = ""] = /EXAMPLES\n([^]*?)\n\n/.exec(stdout) ?? []
    const examples = shown.split("\n").filter((line) => /^ {2}\S/.test(line))
    expect(examples).toHaveLength(2)
    for (const example of examples) {
      expect(example).toContain(["onymous", ...path].join(" "))
      const [command = "", name = ""] =
        /onymous ([a-z-]+)(?: (?:split|merge|edit|delete))?/.exec(example) ?? []
      const help = await run([...command.split(" ").slice(1), "--help"])
      expect(commands.map((each) => each.name)).toContain(name)
      expect(flagsOf(help.stdout)).toEqual(expect.arrayContaining([...flagsOf(example)]))
    }
  },
)

describe("wrong use", () => {
  it.each([
    [["why"], "Missing argument: A\nSee onymous why --help."],
    [["trace"], "Missing argument: EVENT\nSee onymous trace --help."],
    [["whyy"], "Unknown command: whyy. Did you mean why?\nSee onymous --help."],
    [["person", "join"], "Unknown command: join\nSee onymous person --help."],
    [
      ["why", "a", "b", "--jsn"],
      "Unknown flag: --jsn. Did you mean --json?\nSee onymous why --help.",
    ],
    [
      ["persons", "--limit", "x"],
      '--limit: expected a whole number, not "x"\nSee onymous persons --help.',
    ],
    [
      ["persons", "--limit", "0"],
      '--limit: expected at least 1, not "0"\nSee onymous persons --help.',
    ],
    [
      ["replay", "f", "--policy", "x"],
      '--policy: expected "page" or "posthog", not "x"\nSee onymous replay --help.',
    ],
  ])("%j is a line on standard error, and where the help is", async (words, stderr) => {
    expect(await run(words)).toEqual({ isDone: false, stdout: "", stderr })
  })

  it("without a command it is the help, on standard error", async () => {
    for (const words of [[], ["person"]]) {
      const { isDone, stdout, stderr } = await run(words)
      expect({ isDone, stdout }).toEqual({ isDone: false, stdout: "" })
      expect(stderr).toContain("SUBCOMMANDS")
    }
  })
})
