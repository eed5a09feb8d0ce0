import { describe, expect, it } from "vitest"
import type { DatabaseFacts } from "@onymous/database/sql/DatabaseFacts"
import { checkupOf, ok, print, warning, wrong } from "../src/checkup/Finding.ts"
import * as Looks from "../src/checkup/Looks.ts"

const facts: DatabaseFacts = {
  version: "18.1",
  versionNumber: 180_001,
  now: 0,
  size: 3 * 1024 ** 3,
  role: "shop",
  connectionsMax: 100,
  connectionsUsed: 10,
  isReadOnly: false,
  unsafe: [],
  lacks: [],
}

const statuses = (changed: Partial<DatabaseFacts>, isPooled = false) =>
  Object.fromEntries(
    [
      ...Looks.database({ ...facts, ...changed }, "onymous"),
      ...Looks.server({ ...facts, ...changed }, isPooled),
    ].flatMap(({ check, status }) => (status === "ok" ? [] : [[check, status]])),
  )

describe("a database", () => {
  it("that is as it has to be has nothing to say", () => {
    expect(statuses({})).toEqual({})
  })

  it.each([
    ["mended by nobody", { versionNumber: 130_020 }, { postgres: "warning" }],
    ["that forgets what was committed", { unsafe: ["fsync"] }, { settings: "wrong" }],
    ["that takes no writes", { isReadOnly: true }, { settings: "wrong" }],
    ["that others fill", { connectionsUsed: 91 }, { connections: "warning" }],
    [
      "whose role may not write",
      { lacks: [{ table: "events", privileges: "insert" }] },
      { grants: "wrong" },
    ],
  ] as const)("%s", (_, changed, told) => {
    expect(statuses(changed)).toEqual(told)
  })

  it("behind a pooler says so", () => {
    expect(statuses({}, true)).toEqual({ pooler: "warning" })
  })

  it("whose role lacks a right says with which words it is given", () => {
    const lacks = ["events", "persons"].map((table) => ({ table, privileges: "insert, update" }))
    const found = Looks.database({ ...facts, lacks }, "ours").find(
      ({ check }) => check === "grants",
    )
    expect(found).toMatchObject({
      found: "The role shop lacks insert, update on ours.events, and 1 tables more",
      remedy: "grant select, insert, update, delete on all tables in schema ours to shop;",
    })
  })
})

describe("a clock", () => {
  it.each([
    [1_000, "ok", "that of this machine"],
    [1_150, "ok", "that of this machine"],
    [-900, "ok", "1.9 s behind"],
    [3_200, "warning", "2.0 s ahead"],
    [-59_001, "wrong", "60.0 s behind"],
    [61_201, "wrong", "60.0 s ahead"],
  ])("that says %d between 1000 and 1200 here is %s: %s", (there, status, told) => {
    const found = Looks.clock("the database", there, 1_000, 1_199)
    expect(found).toMatchObject({ status, found: expect.stringContaining(told) })
  })
})

it("a disk that is nearly full is wrong, one that will be is told", () => {
  const mebibyte = 1024 ** 2
  const statusOf = (free: number) => Looks.disk(free * mebibyte, "data").status
  expect([99, 100, 1023, 1024].map(statusOf)).toEqual(["wrong", "warning", "warning", "ok"])
})

it("tables are those of this version, or it is said which version they want", () => {
  const of = (state: Partial<Looks.Steps>) =>
    Looks.tables({ isThere: true, missing: [], later: [], ...state }, "the database")
  expect(of({}).status).toBe("ok")
  expect(of({ missing: ["0002_seals"] })).toMatchObject({
    status: "wrong",
    found: expect.stringContaining("0002_seals"),
  })
  expect(of({ later: ["0099_new"] }).remedy).toContain("that version")
  expect(of({ isThere: false }).found).toBe("There is no Onymous in the database")
})

it("a project is behind for too long, or stands still", () => {
  const status = { project: "shop", head: 9, lag: 0, lag_seconds: 0, stopped: null }
  expect(Looks.project(status).status).toBe("ok")
  expect(Looks.project({ ...status, lag: 5, lag_seconds: 60 }).status).toBe("ok")
  expect(Looks.project({ ...status, lag: 5, lag_seconds: 61 }).status).toBe("warning")
  expect(Looks.project({ ...status, lag: null })).toMatchObject({
    status: "wrong",
    remedy: "onymous rebuild --project shop",
  })
  expect(Looks.project({ ...status, stopped: "It was wound back." }).found).toBe(
    "It was wound back.",
  )
})

it("Node has to be one that Onymous runs on", () => {
  expect(Looks.versions("18.20.0").status).toBe("wrong")
  expect(Looks.versions("20.0.0").status).toBe("ok")
})

it("a warning is nothing wrong", () => {
  const findings = [ok("a", "fine"), warning("b", "not so fine", "Look at it.")]
  expect(checkupOf("here", findings).ok).toBe(true)
  const checkup = checkupOf("here", [...findings, wrong("c", "broken", "Mend it.")])
  expect(checkup.ok).toBe(false)
  const lines = print(checkup, undefined)
  expect(lines.at(-1)).toBe("Something is wrong with here.")
  expect(lines.join("\n")).toMatch(/wrong +c +broken +Mend it\./)
})
