import { expect, layer as withLayer } from "@effect/vitest"
import { Array as Arr, Effect, Exit, type Layer } from "effect"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import { zero } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "../src/EventLog.ts"
import * as HostAppend from "../src/sql/HostAppend.ts"
import { hostile, incoming } from "./EventLog.contract.ts"

const created = Effect.fnUntraced(function* (name: string) {
  const log = yield* EventLog
  return (yield* log.createProject({ id: ProjectId(name), token: `token ${name}`, keyHash: "k" }))
    .id
})

const uuidsOf = (numbers: ReadonlyArray<number>) =>
  numbers.map((number) => incoming(number).event.uuid)

/** The log of a project, which has to be sound and without gaps. */
const read = Effect.fnUntraced(function* (project: ProjectId) {
  const log = yield* EventLog
  const events = yield* log.readPayloads({ project, after: zero, limit: 10_000 })
  expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => index + 1))
  expect((yield* log.head(project)).position).toBe(events.length)
  expect(yield* log.damage(project)).toBeUndefined()
  return events
})

const uuidsIn = (project: ProjectId) =>
  Effect.map(read(project), (events) => events.map(({ event }) => event.uuid))

/** Runs the statement that appends events of these numbers; gives the places that it returns. */
const append = Effect.fnUntraced(function* (
  project: ProjectId,
  numbers: ReadonlyArray<number>,
  order: HostAppend.Order = "locked",
) {
  const sql = yield* SchemaClient
  const events = numbers.map((number) => incoming(number))
  const { text, values } = HostAppend.statement(sql.schema, project, events, order)
  const rows = yield* sql.unsafe<HostAppend.Row>(text, values)
  return rows.map(HostAppend.placeOf)
})

const told = (places: ReadonlyArray<{ readonly position: number; readonly isNew: boolean }>) =>
  places.map(({ position, isNew }) => `${position}${isNew ? "" : " again"}`)

/** What a log promises to the transactions of others in its database. */
export const suite = <E>(name: string, layer: Layer.Layer<EventLog | SchemaClient, E>): void => {
  const options = { timeout: "60 seconds", excludeTestServices: true } as const
  withLayer(layer, options)(`The transaction of a host on ${name}`, (it) => {
    it.effect("an append is of the transaction around it: it is there with it, or not at all", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const sql = yield* SchemaClient
        const project = yield* created("around")
        yield* log.append(project, [incoming(1)])
        const both = Effect.all([
          log.append(project, [incoming(2), incoming(1)]),
          log.append(project, [incoming(3)]),
        ])
        const undone = yield* Effect.exit(
          sql.withTransaction(Effect.andThen(both, Effect.fail(""))),
        )
        expect(Exit.isFailure(undone)).toBe(true)
        expect(yield* uuidsIn(project)).toEqual(uuidsOf([1]))
        const [first, second] = yield* sql.withTransaction(both)
        expect(told(first.places)).toEqual(["2", "1 again"])
        expect(told(second.places)).toEqual(["3"])
        expect(yield* uuidsIn(project)).toEqual(uuidsOf([1, 2, 3]))
      }),
    )

    it.effect("a refused append leaves its transaction as it was", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const sql = yield* SchemaClient
        const project = yield* created("refused")
        const spoilt = { ...incoming(2), payload: "{" }
        yield* sql.withTransaction(
          Effect.gen(function* () {
            yield* log.append(project, [incoming(1)])
            const { reason } = yield* Effect.flip(log.append(project, [incoming(3), spoilt]))
            expect(reason).toMatchObject({ _tag: "Unstorable", index: 1 })
            yield* log.append(project, [incoming(4)])
          }),
        )
        expect(yield* uuidsIn(project)).toEqual(uuidsOf([1, 4]))
      }),
    )

    it.effect("one statement appends events as the log does, each uuid once", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const project = yield* created("stated")
        yield* log.append(project, [incoming(1)])
        expect(told(yield* append(project, [2, 1, 3, 2]))).toEqual(["2", "1 again", "3", "2 again"])
        expect(told(yield* append(project, [3, 1]))).toEqual(["3 again", "1 again"])
        yield* log.append(project, [incoming(4)])
        expect(told(yield* append(project, [5]))).toEqual(["5"])
        expect(yield* uuidsIn(project)).toEqual(uuidsOf([1, 2, 3, 4, 5]))
        expect(yield* append(ProjectId("nobody's"), [1])).toEqual([])
      }),
    )

    it.effect("tells what has become of a transaction in which somebody appended", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const sql = yield* SchemaClient
        const project = yield* created("outcomes")
        const appended = Effect.fnUntraced(function* (number: number, order: HostAppend.Order) {
          const events = [incoming(number)]
          const { text, values } = HostAppend.statement(sql.schema, project, events, order)
          const [row = {}] = yield* sql.unsafe<HostAppend.Row>(text, values)
          const transaction = HostAppend.transactionOf(row)
          return { transaction, outcome: (yield* log.outcomes([transaction]))[0] }
        })
        const done = yield* sql.withTransaction(appended(1, "locked"))
        expect(done.outcome).toBe("in progress")
        const queued = yield* appended(2, "outbox")
        const undone = yield* Effect.flip(
          sql.withTransaction(
            Effect.flatMap(appended(3, "outbox"), ({ transaction }) => Effect.fail(transaction)),
          ),
        )
        const transactions = [queued.transaction, String(undone), done.transaction]
        const outcomes = ["committed", "aborted", "committed"]
        expect(yield* log.outcomes(transactions)).toEqual(outcomes)
      }),
    )

    it.effect("time goes on from an append to a statement, and never back", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const project = yield* created("in time")
        const ahead = Date.now() + 20_000
        yield* log.append(project, [{ ...incoming(1), recordedAt: ahead }])
        yield* append(project, [2])
        const events = yield* read(project)
        expect(events.map(({ recordedAt }) => recordedAt)).toEqual([ahead, ahead])
      }),
    )

    it.effect("what is put into the inbox is in the log once it is drained, in that order", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const sql = yield* SchemaClient
        const project = yield* created("inbox")
        yield* log.append(project, [incoming(1)])
        yield* sql.withTransaction(
          Effect.andThen(
            log.enqueue(project, [incoming(3), incoming(1)]),
            append(project, [2], "outbox"),
          ),
        )
        yield* Effect.ignore(
          sql.withTransaction(Effect.andThen(log.enqueue(project, [incoming(9)]), Effect.fail(""))),
        )
        expect(yield* uuidsIn(project)).toEqual(uuidsOf([1]))
        expect(yield* log.inboxes).toContain(project)
        expect(yield* log.drain(project)).toEqual({ count: 3, hasMore: false })
        expect(yield* log.inboxes).not.toContain(project)
        expect(yield* log.drain(project)).toEqual({ count: 0, hasMore: false })
        expect(yield* uuidsIn(project)).toEqual(uuidsOf([1, 3, 2]))
      }),
    )

    it.effect("a drain takes a page at a time, and a statement as many as it is given", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const project = yield* created("many")
        const events = Arr.map(Arr.range(1, 4500), (number) => incoming(number))
        yield* log.enqueue(project, events)
        const drained = yield* Effect.all([1, 2, 3].map(() => log.drain(project)))
        expect(drained).toEqual([
          { count: 2000, hasMore: true },
          { count: 2000, hasMore: true },
          { count: 500, hasMore: false },
        ])
        expect(yield* uuidsIn(project)).toEqual(events.map(({ event }) => event.uuid))
      }),
    )

    it.effect("nothing is put into the inbox of a project that there is not", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const { reason } = yield* Effect.flip(log.enqueue(ProjectId("nobody's"), [incoming(1)]))
        expect(reason._tag).toBe("ProjectNotFound")
      }),
    )

    it.effect("what the log cannot store is refused where it is put in", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const project = yield* created("unstorable")
        const spoilt = { ...incoming(1), payload: "{" }
        const { reason } = yield* Effect.flip(log.enqueue(project, [incoming(2), spoilt]))
        expect(reason).toMatchObject({ _tag: "Unstorable", index: 1 })
        expect(yield* log.inboxes).not.toContain(project)
      }),
    )

    it.effect("hostile contents come back as they were, whichever way they took", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const sql = yield* SchemaClient
        const project = yield* created("hostile to hosts")
        const sent = [1, 2, 3].map((number) => incoming(number, hostile))
        const [first, second, third] = sent
        if (first === undefined || second === undefined || third === undefined) return
        yield* log.append(project, [first])
        const { text, values } = HostAppend.statement(sql.schema, project, [second], "locked")
        yield* sql.unsafe(text, values)
        yield* log.enqueue(project, [third])
        yield* log.drain(project)
        const events = yield* read(project)
        expect(events.map(({ event }) => event)).toEqual(sent.map(({ event }) => event))
        expect(events.map(({ payload }) => payload)).toEqual(sent.map(({ payload }) => payload))
      }),
    )
  })
}
