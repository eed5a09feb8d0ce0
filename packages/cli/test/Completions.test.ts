import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { commands } from "../src/CommandList.ts"
import { onymous } from "./Serving.ts"

let directory = ""
let script = ""

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "onymous-completions-"))
  script = join(directory, "onymous.bash")
  const { code, stdout } = await onymous(["--completions", "bash"])
  expect(code).toBe(0)
  writeFileSync(script, stdout)
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** What bash offers for the last of these words. */
const offered = (...words: ReadonlyArray<string>): ReadonlyArray<string> => {
  const line = ["onymous", ...words]
  const program = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"
    COMP_POINT=\${#COMP_LINE}; _onymous onymous "\${COMP_WORDS[COMP_CWORD]}"; printf '%s\\n' "\${COMPREPLY[@]}"`
  const printed = execFileSync("bash", ["--norc", "-c", program, "bash", script, ...line])
  return printed.toString().trim().split(/\s+/).toSorted()
}

it("bash completes the names of commands, their flags, and the values that these can have", () => {
  expect(offered("wa")).toEqual(["waiting", "warnings"])
  expect(offered("person", "")).toEqual(["delete", "edit", "merge", "split"])
  expect(offered("why", "alice", "--cul")).toEqual(["--culprits"])
  expect(offered("person", "split", "alice", "--on")).toEqual(["--only"])
  expect(offered("replay", "--policy", "p")).toEqual(["page", "posthog"])
})

it.each(["zsh", "fish"])("a script for %s knows every command, and its flags", async (shell) => {
  const { code, stdout } = await onymous(["--completions", shell])
  expect(code).toBe(0)
  for (const { name, description } of commands) {
    expect(stdout).toContain(name)
    expect(stdout).toContain(description.replaceAll("'", shell === "zsh" ? "'\\''" : "\\'"))
  }
  for (const flag of ["culprits", "without", "deep", "cursor"]) expect(stdout).toContain(flag)
})
