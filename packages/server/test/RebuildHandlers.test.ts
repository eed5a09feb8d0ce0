import type { ReadModel } from "@onymous/persons/ReadModel"
import { it as test, layer as withLayer, expect } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Logger } from "effect"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import * as Database from "@onymous/database/Database"
import * as Migrations from "@onymous/database/Migrations"
import { layerMemory as logMemory } from "@onymous/log/memory/MemoryEventLog"
import { layerMemory as personsMemory } from "@onymous/persons/memory/MemoryPersons"
import { Persons } from "@onymous/persons/Persons"
import { Editions } from "@onymous/persons/Editions"
import { PersonsError, type PersonsReason } from "@onymous/persons/PersonsError"
import { migrations } from "@onymous/persons/sql/PersonsMigrations"
import * as SqlPersons from "@onymous/persons/sql/SqlPersons"
import {
  ask,
  key,
  on,
  operatorKey,
  other,
  project,
  question,
  send,
  until,
  unbuffered,
  url,
} from "./serverSupport.ts"

const rebuildAll = (query: string, secret: string) =>
  ask(`/api/rebuild${query}`, { method: "POST", headers: { authorization: `Bearer ${secret}` } })

const linesOf = (text: string) =>
  text
    .trim()
    .split("\n")
    .map((line): unknown => JSON.parse(line))

const rebuild = (query: string, secret: string) =>
  ask(`/api/projects/1/rebuild${query}`, {
    method: "POST",
    headers: { authorization: `Bearer ${secret}` },
  })

withLayer(unbuffered, { timeout: "60 seconds", excludeTestServices: true })(
  "a rebuild over HTTP",
  (it) => {
    it.effect("tells its steps line by line, and what it came to", () =>
      Effect.gen(function* () {
        const editions = yield* Editions
        const events = Array.from({ length: 50 }, (_, index) => ({
          event: "$identify",
          distinct_id: `user-${index % 7}`,
          properties: { $anon_distinct_id: `anonymous-${index}` },
        }))
        const position = yield* send(...events)
        expect((yield* question(`status?min_position=${position}`)).status).toBe(200)
        const before = yield* editions.dump(project)
        for (const [query, published] of [
          ["?verify_only", false],
          ["?verify_only=true", false],
          ["?verify_only=false", true],
          ["", true],
        ] as const) {
          const { status, text, headers } = yield* rebuild(query, key)
          expect(status, text).toBe(200)
          expect(headers.get("content-type")).toBe("application/x-ndjson")
          const last = text.trim().split("\n").at(-1) ?? ""
          expect(JSON.parse(last)).toMatchObject({
            position,
            head: position,
            published,
            same: true,
          })
          expect(yield* editions.dump(project)).toBe(before)
        }
      }),
    )

    it.effect("is not begun by a word that is not understood, which is named", () =>
      Effect.gen(function* () {
        const persons = yield* Persons
        const edition = Effect.map(persons.checkpoint(project), (checkpoint) => checkpoint?.edition)
        const before = yield* edition
        for (const [query, field, expected] of [
          ["?verify_onyl=true", "verify_onyl", "no such parameter"],
          ["?verify_onyl", "verify_onyl", "no such parameter"],
          ["?verify_only&dry_run", "dry_run", "no such parameter"],
          ["?verify_only=yes", "verify_only", expect.stringContaining('"true" | "false"')],
          ["?verify_only&verify_only=true", "verify_only", expect.any(String)],
        ] as const) {
          const { status, text } = yield* rebuild(query, key)
          expect({ query, status, ...JSON.parse(text) }).toMatchObject({
            query,
            status: 400,
            code: "invalid_input",
            message: expect.any(String),
            field,
            expected,
          })
        }
        expect(yield* edition).toBe(before)
      }),
    )

    it.effect(
      "of all projects tells the steps of each, by its name, and only compares if asked",
      () =>
        Effect.gen(function* () {
          const persons = yield* Persons
          const edition = Effect.map(persons.checkpoint(project), (live) => live?.edition)
          const first = yield* edition
          for (const [query, published] of [
            ["?verify_only", false],
            ["", true],
          ] as const) {
            const { status, text } = yield* rebuildAll(query, operatorKey)
            expect(status, text).toBe(200)
            const last = new Map(linesOf(text).map((line) => [Object(line).project, line]))
            expect([...last.keys()]).toEqual(["1", "2"])
            expect(last.get("1")).toMatchObject({ published, same: true })
            expect(last.get("2")).toMatchObject({ position: 0, published })
            expect((yield* edition) === first).toBe(!published)
          }
        }),
    )

    it.effect("of all projects needs the operator's key, which opens each of them, too", () =>
      Effect.gen(function* () {
        for (const secret of [key, other.key, "", "onk_wrong"]) {
          const { status, text } = yield* rebuildAll("", secret)
          expect({ status, text }).toEqual({
            status: 401,
            text: expect.stringContaining("--operator-key"),
          })
        }
        expect((yield* question("status", operatorKey)).status).toBe(200)
        const headers = { authorization: `Bearer ${operatorKey}` }
        expect((yield* ask("/api/projects/typo/status", { headers })).text).toContain(
          "There is no project typo.",
        )
        expect((yield* rebuild("?verify_only", operatorKey)).status).toBe(200)
        expect((yield* rebuildAll("?verify_onyl", operatorKey)).status).toBe(400)
      }),
    )

    it.effect("is nobody's without the key", () =>
      Effect.gen(function* () {
        expect((yield* rebuild("", "onk_wrong")).status).toBe(401)
      }),
    )
  },
)

/** A read model that answers a rebuild otherwise. */
const changed = <E, R>(
  layer: Layer.Layer<ReadModel, E, R>,
  change: (editions: Editions["Service"]) => Partial<Editions["Service"]>,
): Layer.Layer<ReadModel, E, R> =>
  Layer.effect(
    Editions,
    Effect.map(Editions, (editions) => Editions.of({ ...editions, ...change(editions) })),
  ).pipe(Layer.provideMerge(layer))

/** Tables in which a rebuild comes to its comparison, and no further. */
const endless = changed(SqlPersons.layer, () => ({ compare: () => Effect.never })).pipe(
  Layer.provide(Layer.effectDiscard(Migrations.run(migrations))),
)

test.live("one is ended by whoever asks for it, says so, and leaves what is live", () =>
  Effect.gen(function* () {
    const [begun, gate] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
    const compare: Editions["Service"]["compare"] = ({ position }) =>
      Deferred.succeed(begun, undefined).pipe(
        Effect.andThen(Deferred.await(gate)),
        Effect.as({ position, isSame: true, persons: [] }),
      )
    yield* Effect.gen(function* () {
      const position = yield* send({ event: "$pageview", distinct_id: "anonymous" })
      expect((yield* question(`status?min_position=${position}`)).status).toBe(200)
      const running = yield* Effect.forkScoped(rebuild("", key))
      yield* Deferred.await(begun)
      expect(JSON.parse((yield* question("status")).text)).toMatchObject({ rebuild: { position } })
      const end = Effect.map(rebuild("/end", key), ({ status, text }) => ({
        status,
        ...JSON.parse(text),
      }))
      expect(yield* end).toEqual({ status: 200, project: "1", ended: true })
      expect(JSON.parse((yield* question("status")).text)).toMatchObject({ rebuild: null })
      yield* Deferred.succeed(gate, undefined)
      const lines = linesOf((yield* Fiber.join(running)).text)
      expect(lines.at(-1)).toEqual({
        error: { code: "ended", message: "The rebuild of project 1 was ended." },
      })
      expect(yield* end).toEqual({ status: 200, project: "1", ended: false })
      expect(JSON.parse((yield* question("status")).text)).toMatchObject({ checkpoint: position })
      expect((yield* rebuild("/end", "onk_wrong")).status).toBe(401)
    }).pipe(
      Effect.scoped,
      Effect.provide(
        on(
          logMemory,
          changed(personsMemory, () => ({ compare })),
        ),
      ),
    )
  }),
)

const failing = (reason: PersonsReason) => Effect.fail(new PersonsError({ reason }))

test.live.each([
  [{ claim: () => failing({ _tag: "BeingMade", project }) }, "Another rebuild", false],
  [{ compare: () => failing({ _tag: "Unavailable", cause: "secret" }) }, "It failed", true],
] as const)("where it cannot go on, its last line says why %#", ([change, words, isBegun]) =>
  Effect.gen(function* () {
    yield* send({ event: "$pageview", distinct_id: "anonymous" })
    const { status, text } = yield* rebuild("", key)
    const lines = linesOf(text)
    expect({ status, isBegun: lines.length > 1 }).toEqual({ status: 200, isBegun })
    expect(lines.at(-1)).toMatchObject({
      error: { message: expect.stringMatching(`^${words}.*\\.$`) },
    })
    expect(text).not.toContain("secret")
  }).pipe(
    Effect.provide(
      on(
        logMemory,
        changed(personsMemory, () => change),
      ),
    ),
  ),
)

/** A read model in which the rebuild of project 1 fails, by an error or by a defect. */
const failingFirst = (failure: Effect.Effect<never, PersonsError>) =>
  changed(personsMemory, ({ claim }) => ({
    claim: (id, ...rest) => (id === project ? failure : claim(id, ...rest)),
  }))

test.live.each([
  failing({ _tag: "Unavailable", cause: "secret" }),
  Effect.die(new Error("secret")),
])(
  "where one of all projects fails, the others have their turn, and the log says why %#",
  (failure) =>
    Effect.gen(function* () {
      const logged: Array<string> = []
      const logger = Logger.map(Logger.formatLogFmt, (line) => void logged.push(line))
      const asked = Effect.gen(function* () {
        yield* send({ event: "$pageview", distinct_id: "anonymous" })
        return yield* rebuildAll("", operatorKey)
      })
      const { status, text } = yield* Effect.provide(
        asked,
        Layer.provideMerge(on(logMemory, failingFirst(failure)), Logger.layer([logger])),
      )
      const lines = linesOf(text)
      const message = "It failed: the log of the server says why."
      const error = { code: "failed", message }
      expect(status).toBe(200)
      expect(lines[0]).toEqual({ project: "1", error })
      expect(lines.at(-1)).toMatchObject({ project: "2", published: true })
      const told = logged.filter((line) => line.includes("The rebuild of project 1 failed"))
      expect(told).toEqual([expect.stringContaining("secret")])
    }),
)

/** Tables in which the rebuild of project 2 comes to its comparison, and no further. */
const endlessSecond = changed(SqlPersons.layer, ({ compare }) => ({
  compare: (made) => (made.project === other.id ? Effect.never : compare(made)),
})).pipe(Layer.provide(Layer.effectDiscard(Migrations.run(migrations))))

test.live("who hangs up on all cancels the one under way, and those before it stay rebuilt", () =>
  Effect.gen(function* () {
    const sql = yield* SchemaClient
    const editions = sql`select project_id, is_live from ${sql.ours("checkpoints")} order by project_id`
    yield* send({ event: "$pageview", distinct_id: "anonymous" })
    const base = yield* url
    const hangUp = new AbortController()
    yield* Effect.promise(async () => {
      const { body } = await fetch(`${base}/api/rebuild`, {
        method: "POST",
        headers: { authorization: `Bearer ${operatorKey}` },
        signal: hangUp.signal,
      })
      let text = ""
      const reader = body?.getReader()
      while (!text.includes('"project":"1"') || !text.includes('"published":true')) {
        const chunk = await reader?.read()
        if (chunk?.done !== false) throw new Error(`It ended: ${text}`)
        text += Buffer.from(chunk.value).toString()
      }
    })
    const making = { project_id: "2", is_live: false }
    const isMaking = (rows: ReadonlyArray<unknown>) =>
      rows.some((row) => JSON.stringify(row) === JSON.stringify(making))
    expect(yield* until(editions, isMaking)).toContainEqual(making)
    hangUp.abort()
    const left = yield* until(editions, (rows) => !isMaking(rows))
    expect(left).toEqual([{ project_id: "1", is_live: true }])
  }).pipe(
    Effect.provide(Layer.provideMerge(on(logMemory, endlessSecond), Database.layer("memory"))),
  ),
)

test.live("who hangs up cancels it, and nothing is left in the making", () =>
  Effect.gen(function* () {
    const sql = yield* SchemaClient
    const making = sql`select position from ${sql.ours("checkpoints")} where not is_live`
    yield* send({ event: "$pageview", distinct_id: "anonymous" })
    const base = yield* url
    const hangUp = new AbortController()
    const first = yield* Effect.promise(async () => {
      const { body } = await fetch(`${base}/api/projects/1/rebuild`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}` },
        signal: hangUp.signal,
      })
      const chunk = await body?.getReader().read()
      return Buffer.from(chunk?.value ?? []).toString()
    })
    expect(JSON.parse(first.split("\n")[0] ?? "")).toEqual({
      phase: "deriving",
      position: 1,
      head: 1,
    })
    expect(yield* making).toEqual([{ position: 1 }])
    hangUp.abort()
    expect(yield* until(making, (rows) => rows.length === 0)).toEqual([])
  }).pipe(Effect.provide(Layer.provideMerge(on(logMemory, endless), Database.layer("memory")))),
)
