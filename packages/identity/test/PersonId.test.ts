import { expect, it } from "@effect/vitest"
import { DistinctId } from "../src/event/DistinctId.ts"
import * as PersonId from "../src/state/PersonId.ts"
import { ProjectId } from "../src/event/ProjectId.ts"
import * as Uuid from "../src/encoding/Uuid.ts"

const idOf = (project: string, id: string, generation?: number) =>
  PersonId.of(ProjectId(project), DistinctId(id), generation)

it.each([
  ["1", "test", "246f7a43-5507-564f-b687-793ee3c2dd79"],
  ["2", "test", "00ce873a-549c-548e-bbec-cc804a385dd8"],
  ["1", "test2", "45c17302-ee44-5596-916a-0eba21f4b638"],
])("in project %s, %s is %s, as in PostHog", (project, id, uuid) => {
  expect(idOf(project, id)).toBe(uuid)
})

it("a generation names another person, as the id with its number would", () => {
  expect(idOf("1", "test", 0)).toBe(idOf("1", "test"))
  expect(idOf("1", "test", 1)).toBe(idOf("1", "test#1"))
  expect(idOf("1", "test", 2)).not.toBe(idOf("1", "test", 1))
})

it("UUIDv5 is the one of RFC 9562, appendix A.4", () => {
  const dns = Uuid.namespace("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
  expect(Uuid.v5("www.example.com", dns)).toBe("2ed6657d-e927-568b-95e1-2665a8aea6a2")
})

it.each([
  ["2ED6657D-e927-568b-95e1-2665a8aea6a2", true],
  ["2ed6657de927568b95e12665a8aea6a2", false],
  ["{2ed6657d-e927-568b-95e1-2665a8aea6a2}", false],
  ["2ed6657d-e927-568b-95e1-2665a8aea6ag", false],
  [1, false],
])("%s is a UUID: %s", (value, expected) => {
  expect(Uuid.isUuid(value)).toBe(expected)
})
