import { describe, expect, it } from "vitest"
import { commands } from "../src/CommandList.ts"
import { onymous as run } from "./InProcess.ts"

const pages: ReadonlyArray<ReadonlyArray<string>> = [
  [],
  ...commands.map(({ name }) => [name]),
  ...["split", "merge", "edit", "delete"].map((name) => ["person", name]),
]

/** Flags that have a default. */
const settings = ["port", "host", "data-dir", "schema", "connections", "preset", "project", "at"]

const flagsOf = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/(?<= )--[a-z-]+/g)].map(([flag]) => flag)

describe.each(pages.map((path) => ({ path })))("the help of onymous $path", ({ path }) => {
  it("fits 80 columns, and tells exit codes", async () => {
    const { code, stdout, stderr } = await run([...path, "--help"])
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
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
    [["policy", "--set", "x"], '--set: expected FIELD=VALUE, not "x"\nSee onymous policy --help.'],
    [
      ["persons", "--distinct-id", ""],
      '--distinct-id: expected a distinct id, not ""\nSee onymous persons --help.',
    ],
    [["why", "a", ""], 'B: expected a distinct id, not ""\nSee onymous why --help.'],
    [["history", ""], 'ID: expected a distinct id, not ""\nSee onymous history --help.'],
  ])("%j is a line on standard error, and where the help is", async (words, stderr) => {
    expect(await run(words)).toEqual({ code: 2, stdout: "", stderr: `${stderr}\n` })
  })

  it("without a command it is the help, on standard error", async () => {
    for (const words of [[], ["person"]]) {
      const { code, stdout, stderr } = await run(words)
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
      expect(stderr).toContain("SUBCOMMANDS")
    }
  })
})
