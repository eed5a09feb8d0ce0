import { describe, expect, it } from "vitest"
import { differenceText } from "../src/output/DifferenceText.ts"

const time = "2022-10-25T12:00:00.000Z"

const person = (id: string, ids: ReadonlyArray<string>, more: object = {}) => ({
  project: "1",
  person_id: id,
  distinct_ids: ids,
  properties: {},
  is_identified: false,
  created_at: time,
  version: 0,
  ...more,
})

const warning = {
  type: "cannot_merge_already_identified",
  position: 7,
  timestamp: time,
  event_uuid: "u7",
  details: {
    sourcePersonDistinctId: "tablet",
    targetPersonDistinctId: "bob",
    distinctId: "bob",
    sourcePersonId: "p1",
    eventUuid: "u7",
  },
  remedy: "Do otherwise.",
}

type Difference = Parameters<typeof differenceText>[0]

const shown = (
  persons: Difference["persons"],
  warnings: Difference["warnings"] = { added: [], removed: [] },
) => differenceText({ persons, warnings }, undefined)

describe("a difference", () => {
  it("says of a person what changed, and nothing of what stayed", () => {
    const before = person("p1", ["ann", "old"], {
      properties: { plan: "free", city: "Rome", n: 1 },
    })
    const after = person("p1", ["ann", "phone"], {
      properties: { plan: "pro", n: 1, name: "Ann" },
      is_identified: true,
      created_at: "2022-10-24T12:00:00.000Z",
      version: 3,
    })
    expect(shown([{ before, after }])).toEqual([
      "~ person p1 (ann phone)",
      "    - id old",
      "    + id phone",
      '    - city "Rome"',
      '    + name "Ann"',
      '    ~ plan "free" → "pro"',
      "    + identified",
      `    ~ created ${time} → 2022-10-24T12:00:00.000Z`,
    ])
  })

  it("tells into whom a person was merged, from whom it was split, and who is new or gone", () => {
    const [ann, both] = [person("p1", ["ann"]), person("p1", ["ann", "bob"], { version: 1 })]
    const bob = person("p2", ["bob"])
    expect(
      shown([
        { before: ann, after: both },
        { before: bob, after: null },
      ]),
    ).toEqual(["~ person p1 (ann bob)", "    + id bob", "- person p2 (bob), merged into p1"])
    expect(
      shown([
        { before: both, after: ann },
        { before: null, after: bob },
      ]),
    ).toEqual([
      "~ person p1 (ann)",
      "    - id bob",
      `+ person p2, created ${time}, split from p1`,
      "    + id bob",
    ])
    expect(shown([{ before: bob, after: null }])).toEqual(["- person p2 (bob)"])
  })

  it("a person that keeps its ids and has another person id is one line, and no merge", () => {
    const [before, after] = [person("p1", ["ann", "phone"]), person("p9", ["ann", "phone"])]
    expect(shown([{ before, after }])).toEqual([
      "~ person p1 (ann phone) has another person id: p9",
    ])
  })

  it("a person of which nothing else changed has another version", () => {
    const [before, after] = [person("p1", ["ann"]), person("p1", ["ann"], { version: 2 })]
    expect(shown([{ before, after }])).toEqual(["~ person p1 (ann)", "    ~ version 0 → 2"])
  })

  it("warnings that came and went name their ids, their place and their time", () => {
    const told = `warning cannot_merge_already_identified at 7, ${time}: tablet → bob`
    expect(shown([], { added: [warning], removed: [] })).toEqual([`+ ${told}`])
    expect(shown([], { added: [], removed: [warning] })).toEqual([`- ${told}`])
  })

  it("a warning names an id once, and no person of the moment", () => {
    const illegal = { illegalDistinctId: "null", otherDistinctId: "bob", distinctId: "bob" }
    const raised = { ...warning, details: { ...illegal, targetPersonId: "p1" } }
    const [line] = shown([], { added: [raised], removed: [] })
    expect(line).toMatch(/: illegalDistinctId null, otherDistinctId bob$/)
  })

  it("says that nothing differs", () => {
    expect(shown([])).toEqual(["Nothing differs."])
  })

  it("shows the first of many ids on a terminal, and all of them elsewhere", () => {
    const ids = Array.from({ length: 300 }, (_, index) => `id-${index}`)
    const difference = {
      persons: [{ before: person("p1", ids), after: person("p2", ids) }],
      warnings: { added: [], removed: [] },
    }
    expect(differenceText(difference, 80)[0]).toContain("id-9 and 290 more)")
    expect(differenceText(difference, undefined)[0]).toContain("id-299)")
    const born = {
      persons: [{ before: null, after: person("p1", ids) }],
      warnings: { added: [], removed: [] },
    }
    expect(differenceText(born, 80).slice(-2)).toEqual(["    + id id-9", "    + 290 more ids"])
    expect(differenceText(born, undefined)).toHaveLength(301)
  })
})
