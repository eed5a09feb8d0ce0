import { describe, expect, it } from "vitest"
import { Result } from "effect"
import * as EffectiveLog from "@onymous/identity/retraction/EffectiveLog"
import * as Identity from "@onymous/identity/Identity"
import * as Policy from "@onymous/identity/policy/Policy"
import * as Presets from "@onymous/identity/policy/Presets"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import * as Cones from "@onymous/identity/state/Cones"
import * as StateHash from "@onymous/identity/state/StateHash"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import * as Event from "@onymous/identity/event/Event"
import * as EventDecoder from "@onymous/identity/event/EventDecoder"
import * as Activity from "../src/rows/Activity.ts"
import { dumpTables } from "../src/memory/TableDump.ts"
import { initial } from "../src/Checkpoint.ts"
import { fromChanges } from "../src/rows/RowBuilder.ts"
import { Tables } from "../src/memory/MemoryTables.ts"
import * as WorkInTurns from "../src/rows/WorkInTurns.ts"
import { ProjectInMemory } from "../src/rows/ProjectInMemory.ts"
import * as MemorySlice from "../src/memory/MemorySlice.ts"
import * as MemoryWaiting from "../src/memory/MemoryWaiting.ts"
import {
  pastOf,
  random,
  randomEvents,
  recorded,
  retractedEvents,
  uuidOf,
  waitingOf,
  wantedBy,
} from "@onymous/simulator/random/FewIds"

const project = ProjectId("1")

const projectInPages = (
  log: ReadonlyArray<Event.Recorded>,
  policy: Policy.Policy,
  sizes: () => number,
) => {
  const tables = new Tables()
  let checkpoint = { ...initial(project, "log"), policy }
  for (let start = 0; start < log.length;) {
    const page = Identity.pageOf(log.slice(start, start + sizes()))
    start += page.length
    const due = MemoryWaiting.due(tables, page.at(-1)?.recordedAt ?? 0)
    const past = pastOf(policy, log, page, (ids) => tables.conesOf(ids))
    const slice = MemorySlice.load(tables, checkpoint, wantedBy(page, waitingOf(log, due), past))
    const changes = Identity.fold(slice.identity, page, past)
    tables.write(WorkInTurns.atOnce(fromChanges(slice, changes)))
    const stateHash = StateHash.toText(slice.identity.stateHash)
    const { position, policy: after } = slice.identity
    checkpoint = { ...checkpoint, position, stateHash, policy: after }
  }
  return { tables, dump: dumpTables(tables), stateHash: checkpoint.stateHash }
}

/** Derives a log with the whole project in memory, as a rebuild does. */
const projectWhole = (
  log: ReadonlyArray<Event.Recorded>,
  policy: Policy.Policy,
  sizes: () => number,
) => {
  const tables = new Tables()
  const whole = new ProjectInMemory({ ...initial(project, "log"), policy })
  for (let start = 0; start < log.length;) {
    const page = Identity.pageOf(log.slice(start, start + sizes()))
    start += page.length
    const past = pastOf(policy, log, page, (ids) => Cones.of(whole.identity, ids))
    whole.fold(page, past)
    if (start % 2 === 0) tables.write(whole.takeEnded().rows)
  }
  tables.write(WorkInTurns.atOnce(whole.finish()).rows)
  return { dump: dumpTables(tables), stateHash: whole.to.stateHash }
}

describe.each(["page", "posthog"] as const)("under the preset %s", (preset) => {
  const policy = Presets.presets[preset]

  it("any paging gives the same rows, and the state hash of the whole log folded at once", () => {
    for (let seed = 1; seed <= 300; seed++) {
      const log = recorded(randomEvents(seed, 60))
      const next = random(seed)
      const whole = Identity.empty(project, policy)
      Identity.fold(whole, log)
      const once = projectInPages(log, policy, () => log.length)
      const single = projectInPages(log, policy, () => 1)
      const some = projectInPages(log, policy, () => 1 + Math.floor(next() * 20))
      expect(once.stateHash, `seed ${seed}`).toBe(StateHash.toText(whole.stateHash))
      expect(single.dump, `seed ${seed}`).toBe(once.dump)
      expect(some.dump, `seed ${seed}`).toBe(once.dump)
      expect([single.stateHash, some.stateHash]).toEqual([once.stateHash, once.stateHash])
      const inMemory = projectWhole(log, policy, () => 1 + Math.floor(next() * 20))
      expect(inMemory.dump, `seed ${seed}`).toBe(once.dump)
      expect(inMemory.stateHash, `seed ${seed}`).toBe(once.stateHash)
    }
  })

  it("after retractions the state is that of the log without what they undo, whatever the pages", () => {
    for (let seed = 1; seed <= 300; seed++) {
      const log = recorded(retractedEvents(seed, 60))
      const next = random(seed)
      const without = Identity.empty(project, policy)
      Identity.fold(without, EffectiveLog.effective(log))
      const single = projectInPages(log, policy, () => 1)
      expect(single.stateHash, `seed ${seed}`).toBe(StateHash.toText(without.stateHash))
      const some = projectInPages(log, policy, () => 1 + Math.floor(next() * 20))
      expect(some.dump, `seed ${seed}`).toBe(single.dump)
      expect(some.stateHash, `seed ${seed}`).toBe(single.stateHash)
      const inMemory = projectWhole(log, policy, () => 1 + Math.floor(next() * 20))
      expect(inMemory.dump, `seed ${seed}`).toBe(single.dump)
      expect(inMemory.stateHash, `seed ${seed}`).toBe(single.stateHash)
    }
  })
})

it("a thousand positions have the counts of the changes that became true there, whatever the pages", () => {
  for (const seed of [1, 2]) {
    const log = recorded(randomEvents(seed, 2500))
    const next = random(seed)
    const changes = Identity.fold(Identity.empty(project, Presets.page), log)
    const counted = (kind: Activity.Kind) =>
      [1, 1001, 2001].map(
        (first) =>
          changes.filter(
            (change) =>
              change.position >= first &&
              change.position < first + 1000 &&
              Activity.kindsOf(change).includes(kind),
          ).length,
      )
    const { tables } = projectInPages(log, Presets.page, () => 1 + Math.floor(next() * 300))
    const blocks = [...tables.activity.values()].toSorted((a, b) => a.position - b.position)
    expect(blocks.map(({ position }) => position)).toEqual([1, 1001, 2001])
    for (const kind of Activity.kinds) {
      expect(
        blocks.map((block) => block[kind]),
        `${seed} ${kind}`,
      ).toEqual(counted(kind))
    }
    expect(Activity.kinds.filter((kind) => counted(kind).every((count) => count === 0))).toEqual([])
    const inMemory = projectWhole(log, Presets.page, () => 1 + Math.floor(next() * 300))
    expect(inMemory.dump).toBe(dumpTables(tables))
  }
})

it("a retraction that leaves a person equal leaves its properties in their order, whatever the pages", () => {
  const identified = (index: number, anonymous: string, $set: object) => {
    const properties = { $anon_distinct_id: anonymous, $set }
    const wire = { event: "$identify", distinct_id: "u", uuid: uuidOf(index), properties }
    return Result.getOrThrow(EventDecoder.decode(wire, () => ""))
  }
  const undone: Event.Retracted = {
    _tag: "Retracted",
    uuid: uuidOf(9),
    eventUuid: uuidOf(2),
    distinctId: DistinctId("u"),
    source: DistinctId("b"),
    by: "somebody",
    reason: "a test",
  }
  const log = recorded([
    identified(1, "a", {}),
    identified(2, "b", { x: 1 }),
    identified(3, "u", { y: 2 }),
    identified(4, "u", { x: 1 }),
    { event: undone, payload: "{}" },
    identified(5, "u", { z: 3 }),
  ])
  const inPages = projectInPages(log, Presets.page, () => 1)
  expect(projectWhole(log, Presets.page, () => 6).dump).toBe(inPages.dump)
})
