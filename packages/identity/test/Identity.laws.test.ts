import * as RandomEvents from "@onymous/simulator/chance/RandomEvents"
import * as Seeds from "@onymous/simulator/random/Seeds"
import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import * as Cones from "../src/state/Cones.ts"
import * as Event from "../src/event/Event.ts"
import * as EventDecoder from "../src/event/EventDecoder.ts"
import * as Identity from "../src/Identity.ts"
import { apply } from "../src/state/ApplyChange.ts"
import * as Policy from "../src/policy/Policy.ts"
import * as Presets from "../src/policy/Presets.ts"
import * as StateHash from "../src/state/StateHash.ts"
import { transition } from "../src/rules/Transition.ts"
import * as RandomJson from "./randomJson.ts"
import { sliceOf } from "./slice.ts"
import { historyOf, identify, logOf, project, record, seen, warningsIn } from "./pastLines.ts"

const presets = ["page", "posthog"] as const

/** Only what an event says of ids and properties counts, and nothing waits, so that most events meet. */
const policyOf = (preset: (typeof presets)[number]): Policy.Policy => ({
  ...Presets.presets[preset],
  buffer_enabled: false,
  personless_events: false,
  events_without_updates: false,
  filtered_keys: false,
})

const logs = Seeds.seeds(400, 0)

const length = 30

const propertiesOf = (properties: Iterable<readonly [string, unknown]>) =>
  new Map([...properties].toSorted(([a], [b]) => (a < b ? -1 : 1)))

/** The persons of an identity, whatever the order in which they came to be. */
const personsOf = (identity: Identity.Identity) =>
  [...Identity.components(identity)]
    .map(({ person, members }) => ({
      id: `${person.id}`,
      ids: members.map(String).toSorted(),
      properties: propertiesOf(Object.entries(person.properties)),
      isIdentified: person.isIdentified,
      createdAt: person.createdAt,
    }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))

/** Everything that a batching must not change, hash included. */
const stateOf = (identity: Identity.Identity) => ({
  persons: personsOf(identity),
  versions: [...Identity.components(identity)].map(({ id, person }) => [id, person.version]),
  coneLinks: [...Cones.pairs(identity.coneLinks)]
    .map(({ low, high }) => [low, high].join(" "))
    .toSorted(),
  position: identity.position,
  stateHash: StateHash.toText(Identity.settle(identity)),
})

describe.each(presets)("under the %s preset, however a log is cut", (preset) => {
  const policy = policyOf(preset)

  it("batches change nothing: neither the state, nor its hash, nor the changes", () => {
    for (const seed of logs) {
      const log = logOf(RandomEvents.make(seed, length))
      const whole = Identity.empty(project, policy)
      const changes = Identity.fold(whole, log)
      const batched = Identity.empty(project, policy)
      const changesInBatches = batchesOf(log, seed).flatMap((page) => Identity.fold(batched, page))
      expect(changesInBatches, `seed ${seed}`).toEqual(changes)
      expect(stateOf(batched), `seed ${seed}`).toEqual(stateOf(whole))
    }
  })

  it("the changes alone move an identity to the same state", () => {
    for (const seed of logs) {
      const log = logOf(RandomEvents.make(seed, length))
      const folded = Identity.empty(project, policy)
      const moved = Identity.empty(project, policy)
      for (const change of Identity.fold(folded, log)) apply(moved, change)
      moved.position = folded.position
      expect(stateOf(moved), `seed ${seed}`).toEqual(stateOf(folded))
    }
  })

  it("a slice of what a page touches is enough", () => {
    for (const seed of logs) {
      const whole = Identity.empty(project, policy)
      for (const page of batchesOf(logOf(RandomEvents.make(seed, length)), seed)) {
        const slice = sliceOf(whole, page)
        const changes = Identity.fold(slice, page)
        expect(changes, `seed ${seed}`).toEqual(Identity.fold(whole, page))
        expect(slice.stateHash, `seed ${seed}`).toEqual(whole.stateHash)
      }
    }
  })
})

describe.each(presets)("under the %s preset, for every person", (preset) => {
  const policy = policyOf(preset)

  it("every id of a kept event is in exactly one person, and every person's ids lead to it", () => {
    for (const seed of logs) {
      const log = logOf(RandomEvents.make(seed, length))
      const { identity } = historyOf(log, policy)
      const groups = [...Identity.components(identity)]
      const members = groups.flatMap((component) => component.members)
      expect(new Set(members).size, `seed ${seed}`).toBe(members.length)
      expect(new Set(groups.map(({ person }) => person.id)).size).toBe(groups.length)
      for (const component of groups) {
        expect(component.size, `seed ${seed}`).toBe(component.members.length)
        for (const id of component.members) expect(identity.components.get(id)).toBe(component)
      }
      const kept = log.flatMap(({ event }) =>
        event._tag === "Captured" && event.facts.invalidUuid === undefined
          ? [event.distinctId]
          : [],
      )
      for (const id of kept) expect(members, `seed ${seed}`).toContain(id)
    }
  })

  it("the state hash that is kept equals the one computed afresh", () => {
    for (const seed of logs) {
      const log = logOf(RandomEvents.make(seed, length))
      const identity = Identity.empty(project, policy)
      const warnings = log.flatMap((recorded) => warningsIn(Identity.fold(identity, [recorded])))
      expect(identity.stateHash, `seed ${seed}`).toEqual(hashAfresh(identity, warnings))
    }
  })

  it("a person's version grows by at most one an event, and only with a change of it", () => {
    for (const seed of logs) {
      const identity = Identity.empty(project, policy)
      for (const recorded of logOf(RandomEvents.make(seed, length))) {
        const before = new Map(everyPerson(identity).map((person) => [person.id, person]))
        Identity.fold(identity, [recorded])
        for (const person of everyPerson(identity)) {
          const old = before.get(person.id)
          if (old === undefined || old.version === person.version) {
            expect(person, `seed ${seed}`).toEqual(old ?? { ...person, version: 0 })
          } else {
            const highest = Math.max(...[...before.values()].map(({ version }) => version))
            expect(person.version, `seed ${seed}`).toBeGreaterThan(old.version)
            expect(person.version, `seed ${seed}`).toBeLessThanOrEqual(highest + 1)
          }
        }
      }
    }
  })
})

describe.each(presets)("under the %s preset, for any JSON", (preset) => {
  const policy = policyOf(preset)

  it("a transition is pure, and no JSON in any field makes it or the door throw", () => {
    let taken = 0
    const tried = Seeds.seeds(2000, 0)
    for (const seed of tried) {
      const next = RandomEvents.random(seed)
      const identity = Identity.empty(project, policy)
      for (let index = 0; index < 5; index++) {
        const decoded = EventDecoder.decode(RandomJson.event(next), () => "made")
        if (Result.isFailure(decoded)) continue
        taken += 1
        const recorded = record(decoded.success.event, index)
        const changes = changesOf(identity, recorded)
        expect(changes, `seed ${seed}`).not.toBeInstanceOf(Error)
        // The fold makes the same changes, so the transition before it has changed nothing.
        expect(Identity.fold(identity, [recorded]), `seed ${seed}`).toEqual(changes)
      }
    }
    expect(taken).toBeGreaterThan(tried.length)
  })
})

const changesOf = (identity: Identity.Identity, recorded: Event.Recorded) => {
  try {
    return transition(identity, recorded)
  } catch (defect) {
    return new Error("transition threw", { cause: defect })
  }
}

/** The log cut at random places. */
const batchesOf = (log: ReadonlyArray<Event.Recorded>, seed: number) => {
  const next = RandomEvents.random(-seed)
  const batches: Array<ReadonlyArray<Event.Recorded>> = []
  for (let from = 0; from < log.length;) {
    const to = from + 1 + RandomEvents.below(next, 9)
    batches.push(log.slice(from, to))
    from = to
  }
  return batches
}

const everyPerson = (identity: Identity.Identity) =>
  [...Identity.components(identity)].map(({ person }) => person)

const hashAfresh = (identity: Identity.Identity, warnings: ReturnType<typeof warningsIn>) => {
  const ofPersons = [...Identity.components(identity)].map(({ person, members }) =>
    StateHash.ofWhole(person, members),
  )
  return [...ofPersons, ...warnings.map(StateHash.ofWarning)].reduce(StateHash.add, StateHash.zero)
}

it("a person's events are folded in turns that grow more as the person has more properties", () => {
  const turnsWith = (count: number): number => {
    const keys = Object.fromEntries(Array.from({ length: count }, (_, key) => [`k${key}`, key]))
    const sets = Array.from({ length: 100 }, (_, a) => seen("ann", { $set: { a } }))
    const log = logOf([identify("ann", "dev", { $set: keys }), ...sets])
    const turns = Identity.foldInTurns(Identity.empty(project), log)
    let taken = 0
    while (turns.next().done !== true) taken++
    return taken
  }
  expect(turnsWith(10)).toBe(0)
  expect(turnsWith(5_000)).toBeGreaterThanOrEqual(20)
})
