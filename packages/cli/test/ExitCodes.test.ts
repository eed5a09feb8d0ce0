import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { onymous } from "./InProcess.ts"
import { browserId, lines, userId } from "./SharedDevice.ts"

let directory = ""
let file: ReadonlyArray<string> = []

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "onymous-exit-"))
  const path = join(directory, "shop.ndjson")
  writeFileSync(path, lines(20).join("\n"))
  file = ["--file", path]
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

it.each([
  { words: ["why", browserId(3), userId(3)], no: ["why", userId(3), userId(4)] },
  {
    words: ["why", browserId(3), userId(3), "--undo"],
    no: ["why", userId(3), userId(4), "--undo"],
  },
  { words: ["why", userId(3), "--culprits"], no: ["why", "server-1", "--culprits"] },
  {
    words: ["why", userId(3), "--property", "plan"],
    no: ["why", userId(3), "--property", "shoe_size"],
  },
  { words: ["diff", "4", "4"], no: ["diff", "4", "6"] },
])("$words end with 1 for no or none where --exit-code asks for it", async ({ words, no }) => {
  const [yes, plain, asked] = await Promise.all([
    onymous([...words, "--exit-code", ...file]),
    onymous([...no, ...file]),
    onymous([...no, "--exit-code", ...file]),
  ])
  expect({ code: yes.code, stderr: yes.stderr }).toEqual({ code: 0, stderr: "" })
  // The answer itself says no, so standard error stays empty.
  expect(asked).toEqual({ ...plain, code: 1, stderr: "" })
})

it.each([
  {
    words: ["why", "a", "b", "--at", "yesterday"],
    code: 2,
    error: {
      code: "invalid_input",
      field: expect.stringMatching(/at/),
      expected: expect.stringContaining("position"),
    },
  },
  { words: ["why", "a"], code: 2, error: { expected: "another distinct id" } },
  { words: ["trace", "99"], code: 2, error: { code: "unknown_point" } },
  { words: ["trace", "99", "--file", "missing"], code: 3, error: { code: "failed" } },
  { words: ["trace", "99", "--data-dir", "missing"], code: 3, error: { code: "not_found" } },
  { words: ["why"], code: 2, error: { code: "invalid_input" } },
  { words: ["why", "a", "b", "--atomic"], code: 2, error: { code: "invalid_input" } },
])("$words --json: the failure is one JSON object on standard error", async (asked) => {
  const place = asked.words.some((word) => /^--(file|data-dir)$/.test(word)) ? [] : file
  const { code, stdout, stderr } = await onymous([...asked.words, "--json", ...place])
  expect({ code, stdout }).toEqual({ code: asked.code, stdout: "" })
  expect(JSON.parse(stderr)).toMatchObject({
    error: { message: expect.stringMatching(/./), ...asked.error },
  })
})
