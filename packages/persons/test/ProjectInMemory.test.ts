import { describe, expect, it } from "vitest"
import { Result } from "effect"
import * as OperatorCommand from "@onymous/identity/event/OperatorCommand"
import * as Event from "@onymous/identity/event/Event"
import * as EventDecoder from "@onymous/identity/event/EventDecoder"
import * as Policy from "@onymous/identity/policy/Policy"
import * as Presets from "@onymous/identity/policy/Presets"
import { Position } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { initial } from "../src/Checkpoint.ts"
import { ProjectInMemory } from "../src/rows/ProjectInMemory.ts"

const uuidOf = (position: number) => `00000000-0000-4000-8000-${`${position}`.padStart(12, "0")}`

/** An event as the log has it. */
const at = (position: number, wire: object): Event.Recorded => {
  const { event } = Result.getOrThrow(EventDecoder.decode(wire, () => uuidOf(position)))
  return { position: Position(position), recordedAt: 1_666_699_200_000, event }
}

const set = (position: number, id: string, text: string) =>
  at(position, { event: "$identify", distinct_id: id, properties: { $set: { text } } })

const deleted = (position: number, id: string): Event.Recorded => {
  const body = { api: "persons.delete", distinct_id: id, by: "somebody", reason: "a test" }
  const event = Result.getOrThrow(OperatorCommand.decode(body, uuidOf(position)))
  return { position: Position(position), recordedAt: 1_666_699_200_000, event }
}

const sizeOf = (policy: Policy.Policy, wireOf: (index: number) => object): number => {
  const whole = new ProjectInMemory({ ...initial(ProjectId("sized"), "log"), policy })
  const page = Array.from({ length: 50 }, (_, index) => at(index + 1, wireOf(index)))
  whole.fold(page, undefined)
  return whole.size
}

it("properties count, whatever their persons are", () => {
  const bytesOf = (text: string) => {
    const whole = new ProjectInMemory(initial(ProjectId("sized"), "log"))
    whole.fold([set(1, "a", text), set(2, "b", "short"), set(3, "b", text)], undefined)
    return whole.bytes
  }
  expect(bytesOf("x".repeat(1000)) - bytesOf("")).toBe(2000)
})

it("properties of rows that have ended count until these are taken", () => {
  const whole = new ProjectInMemory(initial(ProjectId("sized"), "log"))
  whole.fold([set(1, "a", "x".repeat(1000)), set(2, "a", "y".repeat(1000))], undefined)
  const before = whole.bytes
  expect(whole.backlog).toEqual({ events: 2, length: 1004 })
  whole.takeEnded()
  expect(before - whole.bytes).toBe(1004)
  expect(whole.backlog).toEqual({ events: 0, length: 0 })
})

it("the properties of events that wait count for as long as they do", () => {
  const bytesOf = (text: string) => {
    const whole = new ProjectInMemory(initial(ProjectId("sized"), "log"))
    const properties = { $set: { text }, $set_once: { text } }
    const waits = at(1, { event: "e", distinct_id: "back end", properties })
    whole.fold([waits], undefined)
    const waiting = whole.bytes
    const tick = { _tag: "Ticked", uuid: uuidOf(2) } as const
    const later = { position: Position(2), recordedAt: waits.recordedAt + 3_600_000, event: tick }
    whole.fold([later], undefined)
    return { waiting, released: whole.bytes }
  }
  const [long, short] = [bytesOf("x".repeat(1000)), bytesOf("")]
  expect(long.waiting - short.waiting).toBe(2000)
  // The person keeps one of the two texts.
  expect(long.released - short.released).toBe(1000)
})

it("what is stored ends once, where it ended first", () => {
  const whole = new ProjectInMemory({
    ...initial(ProjectId("ended"), "log"),
    policy: Presets.posthog,
  })
  const properties = { $process_person_profile: false }
  whole.fold([at(1, { event: "e", distinct_id: "a", properties })], undefined)
  expect(whole.takeEnded().rows.personless_ids).toHaveLength(1)
  for (const position of [2, 4]) {
    whole.fold([set(position, "a", "text")], undefined)
    whole.fold([deleted(position + 1, "a")], undefined)
  }
  expect(whole.takeEnded().rows.closedPersonless).toEqual([{ distinctId: "a", to: 3 }])
})

describe("the size of a project in memory counts all that grows with its log", () => {
  it("ids with a person", () => {
    const policy = { ...Presets.page, buffer_enabled: false }
    expect(sizeOf(policy, (index) => ({ event: "e", distinct_id: `id ${index}` }))).toBe(50)
  })

  it("ids without a person", () => {
    const properties = { $process_person_profile: false }
    const wireOf = (index: number) => ({ event: "e", distinct_id: `id ${index}`, properties })
    expect(sizeOf(Presets.posthog, wireOf)).toBe(50)
  })

  it("events that wait, though they are of one id", () => {
    expect(sizeOf(Presets.page, () => ({ event: "e", distinct_id: "back end" }))).toBe(50)
  })
})
