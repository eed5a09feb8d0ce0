import { describe, expect, it } from "vitest"
import { Result } from "effect"
import * as Event from "@onymous/identity/Event"
import * as Policy from "@onymous/identity/Policy"
import { Position } from "@onymous/identity/Position"
import { ProjectId } from "@onymous/identity/ProjectId"
import { initial } from "../src/MemoryPersons.ts"
import { Whole } from "../src/Whole.ts"

const sizeOf = (policy: Policy.Policy, wireOf: (index: number) => object): number => {
  const whole = new Whole({ ...initial(ProjectId("sized"), "log"), policy })
  const page = Array.from({ length: 50 }, (_, index): Event.Recorded => {
    const uuid = `00000000-0000-4000-8000-${`${index}`.padStart(12, "0")}`
    const { event } = Result.getOrThrow(Event.decode(wireOf(index), () => uuid))
    return { position: Position(index + 1), recordedAt: 1_666_699_200_000, event }
  })
  whole.fold(page, undefined)
  return whole.size
}

describe("the size of a project in memory counts all that grows with its log", () => {
  it("ids with a person", () => {
    const policy = { ...Policy.page, buffer_enabled: false }
    expect(sizeOf(policy, (index) => ({ event: "e", distinct_id: `id ${index}` }))).toBe(50)
  })

  it("ids without a person", () => {
    const properties = { $process_person_profile: false }
    const wireOf = (index: number) => ({ event: "e", distinct_id: `id ${index}`, properties })
    expect(sizeOf(Policy.posthog, wireOf)).toBe(50)
  })

  it("events that wait, though they are of one id", () => {
    expect(sizeOf(Policy.page, () => ({ event: "e", distinct_id: "back end" }))).toBe(50)
  })
})
