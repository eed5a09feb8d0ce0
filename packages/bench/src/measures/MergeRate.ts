import type { ReadModel } from "@onymous/persons/ReadModel"
import { Array as Arr, Effect } from "effect"
import { randomUUID } from "node:crypto"
import type { Incoming } from "@onymous/identity/event/Event"
import * as Identity from "@onymous/identity/Identity"
import * as Presets from "@onymous/identity/policy/Presets"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog, type EventLogError } from "@onymous/log/EventLog"
import type { PersonsError } from "@onymous/persons/PersonsError"
import { claim, projectPage } from "@onymous/projector/page/ProjectPage"
import { recorded } from "./FoldRate.ts"
import { batchSize, decode, median, policyEvent } from "../load/Scenario.ts"

type Events = Arr.NonEmptyReadonlyArray<Incoming>

/** Applies events to a project, and returns the milliseconds that this took. */
type Apply = (
  events: Events,
) => Effect.Effect<number, EventLogError | PersonsError, EventLog | ReadModel>

/** The side of the merge with the large person: `source` or `target`, as SPEC names them. */
const sides = ["source", "target"] as const

type Side = (typeof sides)[number]

/** A project with one large person. */
interface Prepared {
  readonly place: "memory" | "database"
  readonly size: number
  readonly apply: Apply
}

/** A fold in memory; the fold alone is timed. */
const inMemory = (): Apply => {
  const identity = Identity.empty(ProjectId("1"), Presets.posthog)
  return (events) =>
    Effect.sync(() => {
      const page = events.map((event, index) => recorded(event, identity.position + index + 1))
      const start = performance.now()
      Identity.fold(identity, page)
      return performance.now() - start
    })
}

/** Pages as the projector commits them; the time covers read, load, fold and commit. */
const inDatabase = Effect.gen(function* () {
  const log = yield* EventLog
  const project = ProjectId(randomUUID())
  yield* log.createProject({ id: project, token: project, keyHash: "" })
  let checkpoint = yield* claim(project)
  const apply: Apply = Effect.fnUntraced(function* (events: Events) {
    const { position } = yield* log.append(project, events)
    const start = performance.now()
    while (checkpoint.position < position) checkpoint = yield* projectPage(checkpoint)
    return performance.now() - start
  })
  yield* apply([policyEvent({ preset: "posthog" })])
  return apply
})

/** Gives each person `size` distinct ids, one identify after another. */
const grow = Effect.fnUntraced(function* (persons: ReadonlyArray<Prepared>, size: number) {
  for (const numbers of Arr.chunksOf(Arr.range(1, size - 1), 5 * batchSize)) {
    const events = Arr.map(numbers, (number) =>
      decode("$identify", "large", { $anon_distinct_id: `anonymous-${number}` }),
    )
    for (const { apply } of persons) yield* apply(events)
  }
})

/**
 * Merges the large person with a new person of one id, and returns the milliseconds of the merge
 * alone.
 */
const merge = Effect.fnUntraced(function* (apply: Apply, side: Side) {
  const small = randomUUID()
  yield* apply([decode("$pageview", small, {})])
  const [target, alias] = side === "source" ? [small, "large"] : ["large", small]
  return yield* apply([decode("$merge_dangerously", target, { alias })])
})

/** Makes persons of each size, in memory and in the database. */
export const prepare = Effect.fnUntraced(function* (sizes: ReadonlyArray<number>) {
  const cold = inMemory()
  for (const number of Arr.range(1, 500)) yield* merge(cold, number % 2 ? "source" : "target")
  const prepared: Array<Prepared> = []
  for (const size of sizes) {
    const persons: ReadonlyArray<Prepared> = [
      { place: "memory", size, apply: inMemory() },
      { place: "database", size, apply: yield* inDatabase },
    ]
    yield* grow(persons, size)
    prepared.push(...persons)
  }
  return prepared
})

/** The name of a figure. */
const nameOf = (place: Prepared["place"], side: Side, size: number): string =>
  `merge_${place}_${side}_${size}_ms`

/** Merges every prepared person `merges` times as either side, in turns. */
export const measure = Effect.fnUntraced(function* (
  prepared: ReadonlyArray<Prepared>,
  merges: number,
) {
  const samples = new Map<string, Array<number>>()
  for (const _ of Arr.range(1, merges)) {
    for (const { place, size, apply } of prepared) {
      for (const side of sides) {
        const name = nameOf(place, side, size)
        const times = samples.get(name) ?? []
        times.push(yield* merge(apply, side))
        samples.set(name, times)
      }
    }
  }
  const figures = Object.fromEntries([...samples].map(([name, ms]) => [name, median(ms)]))
  return { ...figures, ...growth(figures, prepared) }
})

/**
 * The cost of merging the largest person relative to the smallest, for the side where it grows
 * more.
 */
const growth = (
  figures: Readonly<Record<string, number>>,
  prepared: ReadonlyArray<Prepared>,
): Readonly<Record<string, number>> => {
  const sizes = prepared.map(({ size }) => size)
  const ratio = (place: Prepared["place"]) =>
    Math.max(
      ...sides.map((side) => {
        const [large, small] = [Math.max(...sizes), Math.min(...sizes)].map(
          (size) => figures[nameOf(place, side, size)] ?? Number.NaN,
        )
        return (large ?? Number.NaN) / (small ?? Number.NaN)
      }),
    )
  return { merge_100k_vs_100: ratio("database"), merge_memory_100k_vs_100: ratio("memory") }
}
