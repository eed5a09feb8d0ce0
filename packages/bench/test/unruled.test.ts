import { expect, it } from "vitest"
import * as Identity from "@onymous/identity/Identity"
import * as Presets from "@onymous/identity/policy/Presets"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { recorded } from "../src/measures/FoldRate.ts"
import { eventAt } from "../src/load/Scenario.ts"
import { Unruled } from "../src/baselines/Unruled.ts"

it("without a rule, a log of visits comes to the same changes, but those of cones and recorded hashes", () => {
  const project = ProjectId("1")
  const page = Array.from({ length: 3000 }, (_, index) => recorded(eventAt(index, 3000), index + 1))
  const identity = Identity.empty(project, { ...Presets.page, buffer_enabled: false })
  const unruled = new Unruled(project)
  const others = new Set(["ConesLinked", "Hashed"])
  const changes = Identity.fold(identity, page).filter(({ _tag }) => !others.has(_tag))
  expect(changes.length).toBeGreaterThan(500)
  expect(unruled.fold(page)).toEqual(changes)
  expect(unruled.stateHash).toEqual(identity.stateHash)
})
