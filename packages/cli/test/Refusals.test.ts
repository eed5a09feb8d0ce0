import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { onymous } from "./InProcess.ts"

let directory = ""

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "onymous-refusals-"))
  writeFileSync(join(directory, "notes.txt"), "mine")
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

const asked = async (flags: ReadonlyArray<string>, environment: Record<string, string> = {}) => {
  const answer = await onymous(flags, environment)
  expect(readdirSync(directory), "nothing is made").toEqual(["notes.txt"])
  return answer
}

describe("a command that reads", () => {
  it.each([
    ["persons"],
    ["warnings"],
    ["waiting"],
    ["policy"],
    ["why", "a", "b"],
    ["history", "a"],
    ["verify"],
    ["export"],
    ["tail"],
    ["rebuild"],
    ["person", "delete", "a"],
  ])("%s makes nothing where there is no Onymous, and says so", async (...command) => {
    for (const place of [directory, join(directory, "nowhere")]) {
      const { code, stdout, stderr } = await asked([...command, "--data-dir", place])
      expect({ code, stdout, stderr }).toEqual({
        code: 3,
        stdout: "",
        stderr: `There is no Onymous in ${place}: serve or import makes one.\n`,
      })
    }
  })
})

it("the id of a project is refused alike by every command", async () => {
  const long = "x".repeat(1001)
  for (const command of [["persons"], ["why", "a", "b"], ["rebuild"]]) {
    const { code, stderr } = await asked([...command, "--project", long])
    expect(code).toBe(2)
    expect(stderr).toContain("a text of 1 to 1000 bytes, without NUL")
  }
})

it("an import of a file that is not there makes no database", async () => {
  const file = join(directory, "misspelt.ndjson")
  const { code, stderr } = await asked(["import", file, "--data-dir", directory])
  expect({ code, stderr }).toEqual({ code: 3, stderr: `There is no file ${file}.\n` })
})

it("an import of a directory names it, and makes no database; a replay names it, too", async () => {
  const imported = await asked(["import", directory, "--data-dir", directory])
  const expected = `${directory} is a directory: expected a file of events`
  expect(imported).toMatchObject({ code: 3, stderr: `${expected}\n` })
  const replayed = await asked(["replay", directory])
  expect(replayed).toMatchObject({ code: 3, stderr: expect.stringContaining(directory) })
})

describe("a setting", () => {
  it.each([
    [{ ONYMOUS_PORT: "abc" }, 'ONYMOUS_PORT: expected a whole number from 0 to 65535, not "abc"'],
    [
      { ONYMOUS_PORT: "70000" },
      'ONYMOUS_PORT: expected a whole number from 0 to 65535, not "70000"',
    ],
    [{ ONYMOUS_KEEP_ALIVE: "0" }, "ONYMOUS_KEEP_ALIVE: expected a whole number from 1 to 86400"],
    [
      { ONYMOUS_ALLOWED_HOSTS: "shop.example, http://x" },
      "ONYMOUS_ALLOWED_HOSTS: expected host names with commas between",
    ],
    [{ ONYMOUS_SCHEMA: "My Schema" }, "ONYMOUS_SCHEMA: expected a name of at most 63"],
    [{ ONYMOUS_TOKEN: "phx_secret" }, "ONYMOUS_TOKEN: expected a public token"],
    [{ ONYMOUS_KEY: "a b" }, "ONYMOUS_KEY: expected at least 32 printable"],
  ])("of the environment is refused by its variable: %j", async (environment, words) => {
    const { code, stdout, stderr } = await asked(["serve", "--data-dir", directory], environment)
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
    expect(stderr).toContain(words)
    expect(stderr).not.toContain("phx_secret")
  })

  it("of the environment names one database, not two", async () => {
    const environment = {
      ONYMOUS_DATABASE_URL: "postgres://app:hunter2@localhost:1/shop",
      ONYMOUS_DATA_DIR: directory,
    }
    const { code, stderr } = await asked(["serve"], environment)
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: "ONYMOUS_DATABASE_URL or ONYMOUS_DATA_DIR: expected one of them\n",
    })
  })
})
