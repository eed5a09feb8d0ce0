import { Array as Arr, Effect, Result } from "effect"
import { randomUUID } from "node:crypto"
import * as Event from "@onymous/identity/Event"
import { ProjectId } from "@onymous/identity/ProjectId"
import { EventLog } from "@onymous/log/EventLog"

/** Events of a web product: page views of a few thousand users, one in ten an identify. */
export const events = (count: number): ReadonlyArray<Event.Incoming> =>
  Array.from({ length: count }, (_, index) => {
    const pad = "x".repeat(300)
    const distinct_id = `user-${index % Math.max(1, Math.trunc(count / 10))}`
    const identify = { $anon_distinct_id: `anon-${index}`, $set: { plan: index % 7 }, pad }
    const wire =
      index % 10 === 0
        ? { event: "$identify", distinct_id, properties: identify }
        : { event: "$pageview", distinct_id, properties: { $lib: "web", $browser: "Chrome", pad } }
    return Result.getOrThrow(Event.decode(wire, randomUUID))
  })

/** A new project with these events in its log. */
export const filled = Effect.fnUntraced(function* (all: ReadonlyArray<Event.Incoming>) {
  const log = yield* EventLog
  const id = ProjectId(randomUUID())
  const project = yield* log.createProject({ id, token: id, keyHash: "" })
  for (const batch of Arr.chunksOf(all, batchSize)) {
    if (Arr.isReadonlyArrayNonEmpty(batch)) yield* log.append(project.id, batch)
  }
  return project.id
})

export const batchSize = 1000

/** Runs an effect and answers with how many of `count` it did in a second. */
export const rate = Effect.fnUntraced(function* <A, E, R>(
  count: number,
  effect: Effect.Effect<A, E, R>,
) {
  const start = performance.now()
  yield* effect
  return count / ((performance.now() - start) / 1000)
})

export const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[Math.trunc(values.length / 2)] ?? Number.NaN
