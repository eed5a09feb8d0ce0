import { expect, it } from "vitest"
import * as RefusalTally from "../src/capture/RefusalTally.ts"

const wrong = { status: 401, code: "invalid_api_key", detail: "It is wrong." }
const bad = { status: 400, code: "invalid_payload", detail: "batch[0].uuid: expected a uuid" }

const of = (...refusals: ReadonlyArray<readonly [RefusalTally.Sender, RefusalTally.Reason]>) => {
  const tallies: RefusalTally.Tallies = new Map()
  for (const [index, [sender, reason]] of refusals.entries()) {
    RefusalTally.count(tallies, sender, reason, index)
  }
  return tallies
}

it("refusals are counted by sender and by reason, with what the last of them was told", () => {
  const detail = "batch[1].uuid: expected a uuid"
  const tallies = of(
    [{ project: "1" }, bad],
    [{ project: "2" }, bad],
    [{ project: "1" }, { ...bad, detail }],
    [{ project: "1" }, wrong],
    [{}, bad],
  )
  expect([...tallies.values()]).toEqual([
    { project: "1", token: undefined, ...bad, detail, count: 2, lastAt: 2 },
    { project: "2", token: undefined, ...bad, count: 1, lastAt: 1 },
    { project: "1", token: undefined, ...wrong, count: 1, lastAt: 3 },
    { project: undefined, token: undefined, ...bad, count: 1, lastAt: 4 },
  ])
})

it("a token is told by its beginning, and what may be a secret not at all", () => {
  expect(RefusalTally.shownToken("phc_short")).toBe("phc_short")
  expect(RefusalTally.shownToken(`phc_${"x".repeat(40)}`)).toBe("phc_xxxxxxxx…")
  for (const secret of ["onk_secret", "phx_secret", "sesame", "", "phc_a b", "phc_a\n"]) {
    expect(RefusalTally.shownToken(secret)).toBe("that does not begin with phc_")
  }
})

it("a client that makes up tokens takes no more than so much memory, and all is counted", () => {
  const made = Array.from({ length: 5_000 }, (_, n) => [{ token: `phc_${n}` }, wrong] as const)
  const tallies = of(...made, [{ project: "1" }, bad])
  expect(tallies.size).toBeLessThan(1_010)
  const counted = [...tallies.values()].reduce((sum, { count }) => sum + count, 0)
  expect(counted).toBe(5_001)
  const projects = [...tallies.values()].filter(({ project }) => project === "1")
  expect(projects).toEqual([{ project: "1", token: undefined, ...bad, count: 1, lastAt: 5_000 }])
})

it("a line names the most frequent first, whose they are and why, and how many others there were", () => {
  const many = Array.from({ length: 12 }, (_, n) => [{ project: `p${n}` }, bad] as const)
  const line = RefusalTally.line(
    of(...many, [{ token: "phc_typo" }, wrong], [{ token: "phc_typo" }, wrong]),
  )
  expect(line).toMatch(
    /^Refused 2 requests with a token phc_typo \(401 invalid_api_key: It is wrong\.\), 1 request of project p0 \(400 invalid_payload: batch\[0\]\.uuid: expected a uuid\), /,
  )
  expect(line).toMatch(/of project p8 [^,]*, 3 others\.$/)
})

it("no text of a client breaks the line", () => {
  const detail = `a\nb\u001b[2J\u202e${"x".repeat(1000)}`
  const line = RefusalTally.line(of([{}, { ...bad, detail }]))
  for (const bad of ["\n", "\u001b", "\u202e"]) expect(line).not.toContain(bad)
  expect(line.length).toBeLessThan(300)
})
