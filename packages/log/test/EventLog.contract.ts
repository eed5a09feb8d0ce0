import { expect, layer as withLayer } from "@effect/vitest"
import { Array as Arr, Clock, Effect, type Layer, Result, Stream } from "effect"
import * as OperatorCommand from "@onymous/identity/event/OperatorCommand"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import * as Event from "@onymous/identity/event/Event"
import * as EventDecoder from "@onymous/identity/event/EventDecoder"
import type * as Json from "@onymous/identity/encoding/Json"
import { Position, zero } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { ensureProject } from "../src/EnsureProject.ts"
import * as ActsPage from "../src/paging/ActsPage.ts"
import { type ActsQuestion, EventLog, type PayloadQuestion } from "../src/EventLog.ts"
import * as PayloadPage from "../src/paging/PayloadPage.ts"

/** An event as the doors decode it, with a uuid made of its number. */
export const incoming = (number: number, more: Record<string, unknown> = {}): Event.Incoming => {
  const uuid = `00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`
  return Result.getOrThrow(
    EventDecoder.decode({ event: "e", distinct_id: `id-${number % 5}`, uuid, ...more }, () => uuid),
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

/** Contents of an event that somebody might break something with. */
export const hostile = {
  properties: JSON.parse(
    '{"__proto__":{"a":1},"toString":"x","n":"\\u0000","s":"\\ud800","e":"👩‍👩‍👧","d":[[null,1.5,-0]],"$set":{"__proto__":1,"k":null},"$anon_distinct_id":"é\\u0000"}',
  ),
  event: "$identify",
  timestamp: "2022-10-25T12:00:00Z",
  sent_at: "nonsense",
  offset: 1.5,
}

const anon = (id: string) => ({ $anon_distinct_id: id })

const uuidOf = (number: number) => incoming(number).event.uuid

/** What an operator does. */
const operated = (number: number, body: Json.JsonObject): Event.Incoming => {
  const common = { by: "us", reason: "a test" }
  const event = Result.getOrThrow(OperatorCommand.decode({ ...common, ...body }, uuidOf(number)))
  return { event, payload: "{}" }
}

/** Events of every kind; each lies at the position that its number tells. */
const ofEveryKind: Arr.NonEmptyReadonlyArray<Event.Incoming> = [
  incoming(1, { distinct_id: "ann" }),
  incoming(2, { distinct_id: "bob" }),
  incoming(3, { distinct_id: "bob", event: "$create_alias", properties: { alias: "ann" } }),
  { event: { _tag: "PolicyChanged", uuid: uuidOf(4), change: {} }, payload: "{}" },
  { event: { _tag: "Ticked", uuid: uuidOf(5) }, payload: "{}" },
  incoming(6, { distinct_id: "ann", event: "$identify", properties: anon("ann") }),
  operated(7, { api: "persons.merge", distinct_id: "bob", alias: "ann" }),
  operated(8, { api: "persons.split", distinct_id: "bob", main_distinct_id: "ann" }),
  operated(9, { api: "persons.delete", distinct_id: "ann" }),
  operated(10, { api: "events.retract", event_uuid: uuidOf(3), distinct_id: "bob", alias: "ann" }),
  incoming(11, { distinct_id: "bob", event: "$identify", properties: anon("\\{é,\"'}") }),
  incoming(12, { distinct_id: "Ann", properties: { alias: "ann", ...anon("ann") } }),
  { event: { _tag: "PolicyChanged", uuid: uuidOf(13), change: {} }, payload: "{}" },
  incoming(14, { distinct_id: "bob", event: "$identify", properties: anon("") }),
]

/** The facts of every hundredth event are so large that the reader loads them separately. */
const some = (count: number) =>
  Arr.map(Arr.range(1, count), (number) =>
    number % 100 === 0
      ? incoming(number, { properties: { $set: { text: "x".repeat(9000), number } } })
      : incoming(number, { properties: { $set: { number } } }),
  )

/** What every log promises. */
export const suite = <E>(name: string, layer: Layer.Layer<EventLog, E>): void => {
  const options = { timeout: "60 seconds", excludeTestServices: true } as const
  withLayer(layer, options)(`EventLog on ${name}`, (it) => {
    it.effect("reads as many events as are asked for after any position", () =>
      Effect.gen(function* () {
        const { append, read } = yield* EventLog
        const project = yield* created("ranges")
        const events = some(1203)
        const { position: head } = yield* append(project, events)
        yield* append(yield* created("beside ranges"), range(1, 600))
        for (const after of [0, 1, 499, 500, 501, head - 1, head, head + 500]) {
          for (const limit of [0, 1, 499, 500, 501, 1001, 2500]) {
            const page = yield* read({ project, after: Position(after), limit })
            const wanted = events.slice(after, after + limit)
            const said = `${limit} after ${after}`
            expect(
              page.map(({ position }) => position),
              said,
            ).toEqual(wanted.map((_, index) => after + 1 + index))
            expect(
              page.map(({ event }) => event),
              said,
            ).toEqual(wanted.map(({ event }) => event))
          }
        }
      }),
    )

    it.effect("goes on from an event that was read before, and from no other one", () =>
      Effect.gen(function* () {
        const { append, read } = yield* EventLog
        const project = yield* created("continued")
        yield* append(project, range(1, 5))
        const after = (position: number, uuid?: string, limit = 10) =>
          read({ project, after: Position(position), afterUuid: uuid, limit })
        expect(yield* after(3, uuidOf(3))).toHaveLength(2)
        expect(yield* after(5, uuidOf(5))).toEqual([])
        expect(yield* after(5)).toEqual([])
        for (const [position, uuid] of [
          [3, uuidOf(4)],
          [5, uuidOf(9)],
          [7, uuidOf(7)],
        ] as const) {
          for (const limit of [0, 10]) {
            const error = yield* Effect.flip(after(position, uuid, limit))
            const found = position === 7 ? undefined : uuidOf(position)
            const reason = { _tag: "WoundBack", project, position, expected: uuid, found, head: 5 }
            expect(error.reason).toEqual(reason)
            expect(error.isRetryable).toBe(false)
          }
        }
      }),
    )

    it.effect(
      "of two events with one uuid the first one holds, and the second is told as reused",
      () =>
        Effect.gen(function* () {
          const log = yield* EventLog
          const id = yield* created("reused")
          const first = incoming(1, { distinct_id: "ann", sent_at: "2022-10-25T12:00:00Z" })
          const again = incoming(1, { distinct_id: "ann", sent_at: "2022-10-25T12:00:09Z" })
          const other = incoming(1, { distinct_id: "bob" })
          const counts = { position: 1, added: 1, reused: 1 }
          expect(yield* log.append(id, [first, again, other])).toMatchObject(counts)
          expect(yield* log.append(id, [again])).toMatchObject({ added: 0, reused: 0 })
          expect(yield* log.append(id, [other, incoming(2)])).toMatchObject({ added: 1, reused: 1 })
          const [held] = yield* all(id)
          expect(held).toMatchObject({ event: { distinctId: "ann" } })
        }),
    )

    it.effect("a request of very many events is there as a whole, also where some are known", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const id = yield* created("very many")
        expect(yield* log.append(id, range(1, 4500))).toMatchObject({ position: 4500, added: 4500 })
        const again = Arr.appendAll(range(4000, 9000), range(8000, 9001))
        expect(yield* log.append(id, again)).toMatchObject({ position: 9001, added: 4501 })
        const uuids = new Set((yield* all(id)).map(({ event }) => event.uuid))
        expect(uuids.size).toBe(9001)
      }),
    )

    it.effect("time never runs more than a minute ahead of the clock of where the log lies", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const id = yield* created("ahead")
        const before = Date.now()
        yield* log.append(id, [{ ...incoming(1), recordedAt: Date.parse("2099-01-01") }])
        yield* log.append(id, [{ ...incoming(2), recordedAt: before }])
        const { recordedAt } = yield* log.head(id)
        // The clock of a database elsewhere may differ from ours.
        expect(recordedAt).toBeLessThan(Date.now() + 600_000)
        const events = yield* all(id)
        expect(events.map((each) => each.recordedAt)).toEqual([recordedAt, recordedAt])
      }),
    )

    it.effect("nor does it where the clock of who appends is ahead", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const id = yield* created("ahead of time")
        const [time, nanos] = [
          Date.parse("2099-01-01"),
          BigInt(Date.parse("2099-01-01")) * 1_000_000n,
        ]
        const ahead: Clock.Clock = {
          currentTimeMillis: Effect.succeed(time),
          currentTimeMillisUnsafe: () => time,
          currentTimeNanos: Effect.succeed(nanos),
          currentTimeNanosUnsafe: () => nanos,
          monotonicTimeNanos: Effect.succeed(nanos),
          monotonicTimeNanosUnsafe: () => nanos,
          sleep: () => Effect.never,
        }
        yield* Effect.provideService(log.append(id, [incoming(1)]), Clock.Clock, ahead)
        yield* log.append(id, [{ ...incoming(2), recordedAt: Date.now() }])
        const [first, second] = yield* all(id)
        expect(first?.recordedAt).toBeLessThan(Date.now() + 600_000)
        expect(second?.recordedAt).toBeGreaterThanOrEqual(first?.recordedAt ?? 0)
      }),
    )

    it.effect("gives positions without gaps, in the order given, and each uuid once", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const project = yield* created("gapless")
        expect(yield* log.append(project, range(1, 5))).toMatchObject({
          position: 5,
          added: 5,
          reused: 0,
        })
        expect(yield* log.append(project, range(3, 7))).toMatchObject({
          position: 7,
          added: 2,
          reused: 0,
        })
        const twice = [incoming(8), incoming(8)] as const
        expect(yield* log.append(project, twice)).toMatchObject({
          position: 8,
          added: 1,
          reused: 0,
        })
        const same = incoming(9)
        expect(yield* log.append(project, [same, same])).toMatchObject({
          position: 9,
          added: 1,
          reused: 0,
        })
        expect(yield* log.append(project, range(1, 9))).toMatchObject({
          position: 9,
          added: 0,
          reused: 0,
        })
        const recorded = yield* all(project)
        expect(recorded.map(({ position }) => position)).toEqual(Arr.range(1, 9))
        expect(recorded.map(({ event }) => event.uuid)).toEqual(
          range(1, 9).map(({ event }) => event.uuid),
        )
      }),
    )

    it.effect("tells each event its place; of one that is there already, where that is", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const project = yield* created("places")
        const placesOf = (events: Arr.NonEmptyReadonlyArray<Event.Incoming>) =>
          Effect.map(log.append(project, events), ({ places }) =>
            places.map(({ position, isNew }) => `${position}${isNew ? "" : " again"}`),
          )
        expect(yield* placesOf(range(1, 3))).toEqual(["1", "2", "3"])
        const mixed = [incoming(4), incoming(2), incoming(5), incoming(4)] as const
        expect(yield* placesOf(mixed)).toEqual(["4", "2 again", "5", "4 again"])
        const appends = range(11, 30).map((event) => placesOf([event]))
        const told = yield* Effect.all(appends, { concurrency: "unbounded" })
        expect(told.flat().toSorted((a, b) => Number(a) - Number(b))).toEqual(
          Arr.range(6, 25).map(String),
        )
      }),
    )

    it.effect("lists the acts of operators, changes of policy among them, newest first", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const id = yield* created("acts")
        const policy = { _tag: "PolicyChanged" as const, uuid: uuidOf(3), change: {} }
        yield* log.append(id, [
          incoming(1),
          operated(2, { api: "persons.delete", distinct_id: "ann" }),
          { event: policy, payload: "{}" },
          incoming(4),
          operated(5, { api: "persons.delete", distinct_id: "bob" }),
        ])
        const listed = (question: {
          readonly after?: Position
          readonly before?: Position
          readonly limit: number
        }) =>
          Effect.map(log.readActs({ project: id, ...question }), (acts) =>
            acts.map(({ position }) => position),
          )
        expect(yield* listed({ limit: 10 })).toEqual([5, 3, 2])
        expect(yield* listed({ limit: 2 })).toEqual([5, 3])
        expect(yield* listed({ limit: 10, before: Position(5) })).toEqual([3, 2])
        expect(yield* listed({ limit: 2, after: Position(0) })).toEqual([2, 3])
        expect(yield* listed({ limit: 9, after: Position(2), before: Position(5) })).toEqual([3])
      }),
    )

    it.effect("tells how much was said of ids, and events by their ids and times alone", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const id = yield* created("marks")
        const $set = { name: "Zoë" }
        const properties = { $anon_distinct_id: "tablet", $set }
        yield* log.append(id, [
          { ...incoming(1, { event: "$identify", distinct_id: "ann", properties }), recordedAt: 7 },
          incoming(2, { event: "e", distinct_id: "ann" }),
          incoming(3, { event: "e", distinct_id: "tablet" }),
          operated(4, { api: "persons.delete", distinct_id: "ann" }),
          incoming(5, { event: "e", distinct_id: "bob" }),
        ])
        const sizeOf = (names: ReadonlyArray<string>, until: number, max: number) =>
          log.sizeOf({
            project: id,
            ids: new Set(names.map(DistinctId)),
            until: Position(until),
            max,
          })
        const bytes = Buffer.byteLength(JSON.stringify({ set: $set }))
        expect(yield* sizeOf(["ann"], 5, 9)).toMatchObject({ events: 3 })
        expect((yield* sizeOf(["tablet"], 5, 9)).bytes).toBe(bytes)
        expect(yield* sizeOf(["ann", "tablet"], 3, 9)).toEqual({ events: 3, bytes })
        expect((yield* sizeOf(["ann", "tablet"], 5, 1)).events).toBeGreaterThan(1)
        expect(yield* log.marksAt(id, [Position(4), Position(1), Position(9)])).toEqual([
          {
            position: 1,
            recordedAt: 7,
            uuid: uuidOf(1),
            ids: ["ann", "tablet"],
          },
          expect.objectContaining({ position: 4, ids: ["ann"] }),
        ])
      }),
    )

    it.effect("tells which library sent an event, and its version", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const id = yield* created("senders")
        const sent = (number: number, properties: Json.JsonObject) =>
          incoming(number, { event: "e", distinct_id: "ann", properties })
        // An earlier version cut a name within a character.
        const { event, payload } = sent(6, {})
        const halved = { event: { ...event, facts: { lib: "l\ud83d" } }, payload }
        yield* log.append(id, [
          sent(1, { $lib: "web", $lib_version: "1.449.2" }),
          sent(2, { $lib: "posthog-node", $lib_version: { major: 5 } }),
          sent(3, { $lib_version: "9" }),
          operated(4, { api: "persons.delete", distinct_id: "ann" }),
          sent(5, { $lib: "web", $lib_version: "1".repeat(300) }),
          halved,
        ])
        expect(yield* log.sendersAt(id, [6, 5, 4, 3, 2, 1, 9].map(Position))).toEqual([
          { position: 1, library: "web", version: "1.449.2" },
          { position: 2, library: "posthog-node", version: undefined },
          { position: 5, library: "web", version: "1".repeat(100) },
          { position: 6, library: "l\ud83d", version: undefined },
        ])
        expect(yield* log.sendersAt(id, [])).toEqual([])
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

    it.effect("ends a page of large events early, and says that more may follow", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const project = yield* created("large payloads")
        const big = "x".repeat(1_000_000)
        yield* log.append(
          project,
          Arr.map(Arr.range(1, 20), (number) => incoming(number, { properties: { big } })),
        )
        const read = Effect.fnUntraced(function* (question: Omit<PayloadQuestion, "project">) {
          const page = yield* log.readPayloads({ project, ...question })
          const isFull = PayloadPage.isFull(page, question.limit)
          return { positions: page.map(({ position }) => Number(position)), isFull }
        })
        const first = { positions: Arr.range(1, 16), isFull: true }
        expect(yield* read({ limit: 100 })).toEqual(first)
        const rest = { positions: [17, 18, 19, 20], isFull: false }
        expect(yield* read({ limit: 100, after: Position(16) })).toEqual(rest)
        const newest = { positions: Arr.range(5, 20).toReversed(), isFull: true }
        expect(yield* read({ limit: 100, descending: true })).toEqual(newest)
        expect(yield* read({ limit: 1 })).toEqual({ positions: [1], isFull: true })
      }),
    )

    it.effect("ends a page of large acts early, and says that more may follow", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const project = yield* created("large acts")
        const properties = { big: "x".repeat(1_000_000) }
        const patch = { api: "persons.patch", distinct_id: "ann", properties }
        yield* log.append(
          project,
          Arr.map(Arr.range(1, 20), (number) => operated(number, patch)),
        )
        const read = Effect.fnUntraced(function* (question: Omit<ActsQuestion, "project">) {
          const page = yield* log.readActs({ project, ...question })
          const positions = page.map(({ position }) => Number(position))
          return { positions, next: ActsPage.nextOf(page, question.limit) }
        })
        const newest = { positions: Arr.range(5, 20).toReversed(), next: 5 }
        expect(yield* read({ limit: 100 })).toEqual(newest)
        const rest = { positions: [4, 3, 2, 1], next: undefined }
        expect(yield* read({ limit: 100, before: Position(5) })).toEqual(rest)
        const oldest = { positions: Arr.range(1, 16), next: 16 }
        expect(yield* read({ limit: 100, after: zero })).toEqual(oldest)
      }),
    )

    it.effect("reads the past of some ids, and every change of policy, in order", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const project = yield* created("past")
        yield* log.append(yield* created("past of others"), ofEveryKind)
        yield* log.append(project, ofEveryKind)
        const whole = yield* all(project)
        const namedBy = Effect.fnUntraced(function* (names: ReadonlyArray<string>, until = 14) {
          const ids = new Set(names.map((name) => DistinctId(name)))
          const past = yield* log.readOf({ project, ids, until: Position(until) })
          const positions = past.map(({ position }) => Number(position))
          expect(past).toMatchObject(whole.filter(({ position }) => positions.includes(position)))
          return positions
        })
        expect(yield* namedBy(["ann"])).toEqual([1, 3, 4, 6, 7, 9, 10, 13])
        expect(yield* namedBy(["ann"], 6)).toEqual([1, 3, 4, 6])
        expect(yield* namedBy(["ann"], 3)).toEqual([1, 3])
        expect(yield* namedBy(["ann"], 0)).toEqual([])
        expect(yield* namedBy(["Ann", "nobody"])).toEqual([4, 12, 13])
        expect(yield* namedBy(["\\{é,\"'}"])).toEqual([4, 11, 13])
        expect(yield* namedBy([""])).toEqual([4, 13, 14])
        expect(yield* namedBy([])).toEqual([4, 13])
        const both = [1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 13, 14]
        expect(yield* namedBy(["bob", "ann"])).toEqual(both)
        expect(yield* namedBy(["bob", "ann"], 99)).toEqual(both)
      }),
    )

    it.effect("reads a long past of many ids, each event once", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const project = yield* created("long past")
        const next = (number: number) =>
          incoming(number, { event: "$identify", properties: anon(`id-${(number * 7) % 3}`) })
        yield* log.append(
          project,
          Arr.map(Arr.range(1, 2000), (number) => next(number)),
        )
        const ids = new Set(Arr.map(Arr.range(0, 2000), (number) => DistinctId(`id-${number}`)))
        const past = yield* log.readOf({ project, ids, until: Position(1990) })
        expect(past.map(({ position }) => position)).toEqual(Arr.range(1, 1990))
      }),
    )

    it.effect("finds the first event at or after each time, in the order asked", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const project = yield* created("first at")
        const at = (number: number, recordedAt: number) => ({ ...incoming(number), recordedAt })
        expect(yield* log.firstAt(project, [0, 9000])).toEqual([1, 1])
        yield* log.append(yield* created("first at others"), [at(1, 2000), at(2, 4000)])
        const times = [1000, 3000, 3000, 3000, 5001, 7000]
        const [first, ...rest] = times.map((time, index) => at(index + 1, time))
        yield* log.append(project, [first ?? at(1, 1000), ...rest])
        const asked = [3000, 0, 1000, 1001, 2999, 3001, 5000, 5001, 5002, 7000, 7001, 3000]
        const found = [2, 1, 1, 2, 2, 5, 5, 5, 6, 6, 7, 2]
        expect(yield* log.firstAt(project, asked)).toEqual(found)
        expect(yield* log.firstAt(project, [])).toEqual([])
        for (const [index, time] of asked.entries()) {
          expect(yield* log.firstAt(project, [time])).toEqual([found[index]])
        }
        expect(yield* log.firstAt(project, [-1, Date.parse("9999-12-31")])).toEqual([1, 7])
      }),
    )

    it.effect("finds the first event at or after a time in a log of any length", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const project = yield* created("first at, any length")
        for (let length = 1; length <= 9; length++) {
          yield* log.append(project, [{ ...incoming(length), recordedAt: length * 2000 }])
          const times = Arr.map(Arr.range(1, 2 * length + 2), (thousand) => thousand * 1000)
          const found = times.map((time) => Math.ceil(time / 2000))
          expect(yield* log.firstAt(project, times), `${length} events`).toEqual(found)
        }
      }),
    )

    it.effect("lists its projects by id", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        for (const name of ["listed b", "listed C", "listed a"]) yield* created(name)
        const ids = (yield* log.projects).map((project) => project.id)
        expect(ids).toEqual(ids.toSorted())
        expect(ids).toEqual(expect.arrayContaining(["listed C", "listed a", "listed b"]))
      }),
    )

    it.effect("knows its projects, and says which it does not", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const id = yield* created("known")
        const again = yield* Effect.flip(log.createProject({ id, token: "other", keyHash: "" }))
        expect(again.reason._tag).toBe("ProjectExists")
        yield* log.setToken(id, "new token")
        const project = yield* log.project(id)
        expect(project).toMatchObject({ id, token: "new token" })
        expect(yield* log.projectOf("new token")).toEqual(project)
        expect(yield* log.projectOf("token known")).toBeUndefined()
        const nobody = ProjectId("nobody")
        const appended = yield* Effect.flip(log.append(nobody, range(1, 1)))
        expect(appended.reason._tag).toBe("ProjectNotFound")
        expect((yield* Effect.flip(log.head(nobody))).reason._tag).toBe("ProjectNotFound")
        const unset = yield* Effect.flip(log.setToken(nobody, "token of nobody"))
        expect(unset.reason._tag).toBe("ProjectNotFound")
        const taken = yield* Effect.flip(log.setToken(yield* created("late"), "new token"))
        expect(taken.reason._tag).toBe("ProjectExists")
      }),
    )

    it.effect(
      "a project is made with a key or without one, and knows of a key what it may tell",
      () =>
        Effect.gen(function* () {
          const log = yield* EventLog
          const id = yield* created("keyed")
          expect(yield* log.keyHashes(id)).toEqual(["k"])
          const [key, ...more] = yield* log.keys(id)
          expect({ key, more }).toEqual({
            key: { name: "serve", madeAt: expect.any(Number), endedAt: undefined },
            more: [],
          })
          const bare = ProjectId("bare")
          yield* log.createProject({ id: bare, token: "token bare", keyHash: "" })
          expect(yield* log.keyHashes(bare)).toEqual([])
          for (const nobody of ["nobody", "own\0", "\ud800"]) {
            expect(yield* log.keyHashes(ProjectId(nobody))).toBeUndefined()
          }
          expect(yield* log.keys(ProjectId("nobody"))).toEqual([])
        }),
    )

    it.effect("a key holds under its name until it ends, and then the name is free", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const project = yield* created("ending")
        const ann = (hash: string) =>
          log.addKey({ project, name: "ann", hash, where: "name is free" })
        expect(yield* ann("a1")).toBe(true)
        expect(yield* ann("a2")).toBe(false)
        expect((yield* log.keyHashes(project))?.toSorted()).toEqual(["a1", "k"])
        expect(yield* log.endKey(project, "ann")).toBe(true)
        expect(yield* log.endKey(project, "ann")).toBe(false)
        expect(yield* log.endKey(project, "nobody")).toBe(false)
        expect(yield* log.keyHashes(project)).toEqual(["k"])
        expect(yield* ann("a3")).toBe(true)
        const told = (yield* log.keys(project)).map(({ name, endedAt }) => [
          name,
          endedAt === undefined,
        ])
        expect(told.toSorted()).toEqual([
          ["ann", false],
          ["ann", true],
          ["serve", true],
        ])
        expect(yield* log.addKey({ project, name: "serve", hash: "k2", where: "any" })).toBe(true)
        expect((yield* log.keyHashes(project))?.toSorted()).toEqual(["a3", "k2"])
        const other = yield* created("untouched")
        expect(yield* log.keyHashes(other)).toEqual(["k"])
      }),
    )

    it.effect("of many first keys at once, one holds, and no other is said to", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const project = ProjectId("raced")
        yield* log.createProject({ id: project, token: "token raced", keyHash: "" })
        const hashes = Array.from({ length: 8 }, (_, number) => `h${number}`)
        const added = yield* Effect.forEach(
          hashes,
          (hash) => log.addKey({ project, name: "serve", hash, where: "none holds" }),
          { concurrency: "unbounded" },
        )
        expect(hashes.filter((_, number) => added[number])).toEqual(yield* log.keyHashes(project))
        expect(added.filter(Boolean)).toHaveLength(1)
        const late = { project, name: "late", hash: "late", where: "none holds" } as const
        expect(yield* log.addKey(late)).toBe(false)
        const nobody = ProjectId("nobody")
        expect(yield* log.addKey({ ...late, project: nobody, where: "any" })).toBe(false)
      }),
    )

    it.effect("no text is a project's id or token but its own", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const id = yield* created("own")
        const texts = ["", "OWN", "own ", "own\0", "\ud800", "'", "é".repeat(100_000)]
        for (const text of texts) {
          expect(yield* log.project(ProjectId(text))).toBeUndefined()
          expect(yield* log.projectOf(text === "" ? text : `token ${text}`)).toBeUndefined()
        }
        expect(yield* log.projectOf(id)).toBeUndefined()
        expect((yield* log.projectOf("token own"))?.id).toBe(id)
      }),
    )

    it.effect("makes no project whose id does not fit into an index, or is no text of it", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        for (const id of ["", "nul\0", "\ud800", "x".repeat(1001), "é".repeat(501)]) {
          const wanted = { id: ProjectId(id), token: `token of ${id.length}`, keyHash: "" }
          const refused = yield* Effect.flip(log.createProject(wanted))
          expect(refused.message).toBe("project: expected a text of 1 to 1000 bytes, without NUL")
        }
        const longest = ProjectId("é".repeat(500))
        const made = yield* log.createProject({ id: longest, token: "longest", keyHash: "" })
        yield* log.append(made.id, [incoming(1, { distinct_id: "ö".repeat(200) })])
        expect((yield* log.project(longest))?.id).toBe(longest)
      }),
    )

    it.effect("makes sure of a project, with its own keys or given ones, also when many do", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const id = ProjectId("ensured")
        const all = Array.from({ length: 8 }, () => ensureProject(id))
        const projects = yield* Effect.all(all, { concurrency: "unbounded" })
        expect(new Set(projects.map(({ token }) => token)).size).toBe(1)
        expect(projects[0]).toMatchObject({ id, token: expect.stringMatching(/^phc_/) })
        expect(yield* log.keyHashes(id)).toEqual([])
        expect(yield* log.project(id)).toEqual(projects[0])
        const keys = { token: "ensured token", keyHash: "too late" }
        const renamed = { ...projects[0], token: "ensured token" }
        expect(yield* ensureProject(id, keys)).toEqual(renamed)
        expect(yield* ensureProject(id)).toEqual(renamed)
        expect(yield* log.project(id)).toEqual(renamed)
        expect(yield* log.keyHashes(id)).toEqual([])
        const other = ensureProject(ProjectId("not ensured"), { token: "ensured token" })
        expect((yield* Effect.flip(other)).reason._tag).toBe("ProjectExists")
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
