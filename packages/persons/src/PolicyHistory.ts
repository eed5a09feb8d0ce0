import { Effect } from "effect"
import * as Presets from "@onymous/identity/policy/Presets"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { Persons } from "./Persons.ts"

/** The policy that holds now, or that held once a position had been processed (SPEC §1). */
export const policyAt = Effect.fn("policyAt")(function* (project: ProjectId, at?: Position) {
  const persons = yield* Persons
  if (at === undefined) return (yield* persons.checkpoint(project))?.policy ?? Presets.page
  const policies = yield* persons.policies(project)
  return policies.findLast(({ from }) => from <= at)?.policy ?? Presets.page
})
