import { describe, expect, it } from "@effect/vitest"
import * as ChangedPolicy from "../src/policy/ChangedPolicy.ts"
import {
  alias,
  groupsOf,
  historyOf,
  identify,
  logOf,
  page,
  pageUnbuffered,
  personOf,
  posthog,
  propertiesOf,
  seen,
  typesOf,
} from "./pastLines.ts"

const anyCase = [
  ["anonymous", "guest", "distinctid", "distinct_id", "id", "not_authenticated", "email"],
  ["undefined", "true", "false", "ANONYMOUS", "Guest", "distinctId", "Distinct_ID", "Id", "TRUE"],
].flat()

const exact = ["[object Object]", "NaN", "None", "none", "null", "0"]

const blank = [" ", "   ", "\t\n", "\u00a0", "\u2003", "\ufeff"]

const nearMisses = [
  ["NULL", "Null", " null ", "nan", "Nan", "NONE", "00", "-0", "0.0", "[object object]"],
  ["guests", " guest", "anonymous_id", "idx", "e-mail", "nobody", "falsey"],
].flat()

const quoted = ['"undefined"', "'undefined'", '"[object Object]"', "'null'", '"TRUE"', "'0'"]

const oddlyQuoted = ['""', "''", '"', '"NULL"', '"undefined', "''null''", "`null`", "'null\""]

const refused = ["cannot_merge_with_illegal_distinct_id"]

describe.each(["page", "posthog"] as const)("under %s", (preset) => {
  const happened = preset === "page" ? page : posthog

  it.each([...anyCase, ...exact, ...blank])("%j is illegal as a source", (id) => {
    const history = happened(identify("ann", id))
    expect(typesOf(history)).toEqual(refused)
    expect(groupsOf(history)).toEqual(["ann"])
    expect(personOf(history, "ann")?.isIdentified).toBe(false)
  })

  it.each([...anyCase, ...exact, ...blank])("%j is illegal as a target", (id) => {
    const history = happened(alias(id, "ann"))
    expect(typesOf(history)).toEqual(refused)
    expect(groupsOf(history)).toEqual([id])
    expect(personOf(history, id)?.isIdentified).toBe(false)
  })

  it.each([...nearMisses, ...oddlyQuoted])("%j is legal", (id) => {
    const history = happened(identify("ann", id))
    expect(typesOf(history)).toEqual([])
    expect(groupsOf(history)).toEqual([["ann", id].toSorted().join(" ")])
  })

  it("an illegal id is an ordinary distinct id otherwise", () => {
    const history = happened(seen("null", { $set: { a: 1 } }), seen("anonymous"))
    expect(groupsOf(history)).toEqual(["anonymous", "null"])
    expect(propertiesOf(history, "null")).toEqual({ a: 1 })
    expect(typesOf(history)).toEqual([])
  })
})

it.each(quoted)("%s is legal under page, illegal under posthog", (id) => {
  expect(typesOf(page(identify("ann", id)))).toEqual([])
  expect(typesOf(posthog(identify("ann", id)))).toEqual(refused)
})

it.each([
  ["401 code points, which are cut", "\u{1f600}".repeat(401), []],
  ["a NUL", "a\0b", refused],
])("an id with %s: legal under page, and under posthog warned of with %3$j", (_, id, warnings) => {
  expect(typesOf(page(identify("ann", id)))).toEqual([])
  expect(typesOf(posthog(identify("ann", id)))).toEqual(warnings)
})

it("a project's own illegal ids bar a merge, and those it takes off no longer do", () => {
  const policy = ChangedPolicy.change(pageUnbuffered, {
    illegal_ids_exact: ["Demo"],
    illegal_ids_any_case: ["test"],
  })
  const typesFor = (id: string) => typesOf(historyOf(logOf([identify("ann", id)]), policy))
  expect(["Demo", "TEST"].map(typesFor)).toEqual([refused, refused])
  expect(["demo", "null", "guest"].map(typesFor)).toEqual([[], [], []])
})
