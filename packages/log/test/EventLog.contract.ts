import { expect, layer as withLayer } from "@effect/vitest"
import { Array as Arr, Effect, type Layer, Result, Stream } from "effect"
import { DistinctId } from "@onymous/identity/DistinctId"
import * as Event from "@onymous/identity/Event"
import { Position, zero } from "@onymous/identity/Position"
import { ProjectId } from "@onymous/identity/ProjectId"
import { EventLog } from "../src/EventLog.ts"

/** An event as the doors decode it, with a uuid made of its number. */
export const incoming = (number: number, more: Record<string, unknown> = {}): Event.Incoming => {
  const uuid = `00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`
  return Result.getOrThrow(
    Event.decode({ event: "e", distinct_id: `id-${number % 5}`, uuid, ...more }, () => uuid),
  )
}

const created = Effect.fnUntraced(function* (name: string) {
  const log = yield* EventLog
  return (yield* log.createProject({ id: ProjectId(name), token: `token ${name}`, keyHash: "k" }))
    .id
})

const range = (from: number, to: number): Arr.NonEmptyReadonlyArray<Event.Incoming> =>
  Arr.map(Arr.range(from, to), (number) => incoming(number))

const all = Effect.fnUntraced(function* (project: ProjectId) {
  return yield* (yield* EventLog).read({ project, after: zero, limit: 100_000 })
})

const hostile = {
  properties: JSON.parse(
    '{"__proto__":{"a":1},"toString":"x","n":"\\u0000","s":"\\ud800","e":"👩‍👩‍👧","d":[[null,1.5,-0]],"$set":{"__proto__":1,"k":null},"$anon_distinct_id":"é\\u0000"}',
  ),
  event: "$identify",
  timestamp: "2022-10-25T12:00:00Z",
  sent_at: "nonsense",
  offset: 1.5,
}

/** What every log promises. */
export const suite = <E>(name: string, layer: Layer.Layer<EventLog, E>): void => {
  const options = { timeout: "60 seconds", excludeTestServices: true } as const
  withLayer(layer, options)(`EventLog on ${name}`, (it) => {
    it.effect("gives positions without gaps, in the order given, and each uuid once", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const project = yield* created("gapless")
        expect(yield* log.append(project, range(1, 5))).toEqual({ position: 5, added: 5 })
        expect(yield* log.append(project, range(3, 7))).toEqual({ position: 7, added: 2 })
        const twice = [incoming(8), incoming(8)] as const
        expect(yield* log.append(project, twice)).toEqual({ position: 8, added: 1 })
        const same = incoming(9)
        expect(yield* log.append(project, [same, same])).toEqual({ position: 9, added: 1 })
        expect(yield* log.append(project, range(1, 9))).toEqual({ position: 9, added: 0 })
        const recorded = yield* all(project)
        expect(recorded.map(({ position }) => position)).toEqual(Arr.range(1, 9))
        expect(recorded.map(({ event }) => event.uuid)).toEqual(
          range(1, 9).map(({ event }) => event.uuid),
        )
      }),
    )

    it.effect("takes an event once, however many append it at the same time", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const project = yield* created("at once")
        const appends = Array.from({ length: 20 }, (_, index) =>
          log.append(project, range(index + 1, index + 10)),
        )
        const answers = yield* Effect.all(appends, { concurrency: "unbounded" })
        expect(answers.reduce((sum, { added }) => sum + added, 0)).toBe(29)
        const positions = (yield* all(project)).map(({ position }) => position)
        expect(positions).toEqual(Arr.range(1, 29))
      }),
    )

    it.effect("counts one and the same event for one of those who append it", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const project = yield* created("shared")
        const shared = range(1, 3)
        const appends = Array.from({ length: 10 }, () => log.append(project, shared))
        const answers = yield* Effect.all(appends, { concurrency: "unbounded" })
        expect(answers.reduce((sum, { added }) => sum + added, 0)).toBe(3)
      }),
    )

    it.effect("never lets time go back", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const project = yield* created("time")
        const at = (number: number, recordedAt: number) => ({ ...incoming(number), recordedAt })
        yield* log.append(project, [at(1, 5000), at(2, 1000), at(3, 7000)])
        yield* log.append(project, [at(4, 10)])
        const times = (yield* all(project)).map(({ recordedAt }) => recordedAt)
        expect(times).toEqual([5000, 5000, 7000, 7000])
      }),
    )

    it.effect("gives back what was decoded, however hostile, and its payload", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const project = yield* created("hostile")
        const sent = [incoming(1, hostile), incoming(2, { distinct_id: "é".repeat(400) })] as const
        yield* log.append(project, sent)
        const policy = {
          _tag: "PolicyChanged",
          uuid: crypto.randomUUID(),
          change: { preset: "posthog" },
        } as const
        yield* log.append(project, [{ event: policy, payload: "{}" }])
        const read = yield* log.readPayloads({ project, limit: 10 })
        expect(read.map(({ event }) => event)).toEqual([...sent.map(({ event }) => event), policy])
        expect(read.map(({ payload }) => payload)).toEqual([
          ...sent.map(({ payload }) => payload),
          "{}",
        ])
      }),
    )

    it.effect("reads by pages, by distinct ids, and from either end", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const project = yield* created("pages")
        yield* log.append(project, range(1, 20))
        const page = yield* log.read({ project, after: Position(5), limit: 3 })
        expect(page.map(({ position }) => position)).toEqual([6, 7, 8])
        const distinctIds = [DistinctId("id-1"), DistinctId("id-2")]
        const question = { project, distinctIds, limit: 3, descending: true, before: Position(17) }
        const chosen = yield* log.readPayloads(question)
        expect(chosen.map(({ position }) => position)).toEqual([16, 12, 11])
        expect(yield* log.uuidAt(project, Position(3))).toBe(incoming(3).event.uuid)
        expect(yield* log.uuidAt(project, Position(21))).toBeUndefined()
        expect((yield* log.head(project)).position).toBe(20)
        const heads = yield* log.heads
        expect(heads.find((head) => head.project === project)?.position).toBe(20)
      }),
    )

    it.effect("knows its projects, and says which it does not", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const id = yield* created("known")
        const again = yield* Effect.flip(log.createProject({ id, token: "other", keyHash: "" }))
        expect(again.reason._tag).toBe("ProjectExists")
        yield* log.updateProject({ id, token: "new token", keyHash: "new" })
        const known = (yield* log.projects).find((project) => project.id === id)
        expect(known).toMatchObject({ token: "new token", keyHash: "new" })
        const nobody = ProjectId("nobody")
        const appended = yield* Effect.flip(log.append(nobody, range(1, 1)))
        expect(appended.reason._tag).toBe("ProjectNotFound")
        expect((yield* Effect.flip(log.head(nobody))).reason._tag).toBe("ProjectNotFound")
      }),
    )

    it.effect("a tail that is run again begins again", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const project = yield* created("run again")
        yield* log.append(project, range(1, 3))
        const tail = Stream.take(log.tail({ project, after: zero }), 3)
        const runs = yield* Effect.all([Stream.runCollect(tail), Stream.runCollect(tail)])
        for (const seen of runs) expect(seen.map(({ position }) => position)).toEqual([1, 2, 3])
      }),
    )

    it.effect("a tail sees what was there and what comes, each once", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const project = yield* created("tailed")
        yield* log.append(project, range(1, 10))
        const tail = log.tail({ project, after: Position(2) })
        const seen = yield* tail.pipe(
          Stream.tap(({ position }) =>
            position === 10 ? Effect.asVoid(log.append(project, range(11, 1500))) : Effect.void,
          ),
          Stream.take(1498),
          Stream.runCollect,
        )
        expect(seen.map(({ position }) => position)).toEqual(Arr.range(3, 1500))
      }),
    )
  })
}
