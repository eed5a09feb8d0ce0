import { expect, it } from "@effect/vitest"
import { Array as Arr, Effect, Fiber, Layer } from "effect"
import { describe, inject } from "vitest"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import { Position } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { Editions } from "@onymous/persons/Editions"
import { Persons } from "@onymous/persons/Persons"
import { simpleEvents } from "@onymous/simulator/random/FewIds"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import * as Lag from "../src/Lag.ts"
import { Projector } from "../src/Projector.ts"
import { projectorOn } from "./personsLayers.ts"

const postgresUrl = inject("postgresUrl")

const fresh = Layer.unwrap(Effect.map(TestDatabase.fresh(postgresUrl), projectorOn))

const events = 40

const all = simpleEvents(3, events + 10)

/** A project with its persons derived. */
const derived = Effect.fnUntraced(function* (name: string) {
  const log = yield* EventLog
  const project = ProjectId(name)
  yield* log.createProject({ id: project, token: name, keyHash: "" })
  const first = all.slice(0, events)
  if (Arr.isReadonlyArrayNonEmpty(first)) yield* log.append(project, first)
  yield* (yield* Projector).waitFor(project, Position(events), 10)
  return project
})

const more = Effect.fnUntraced(function* (project: ProjectId) {
  const next = all.slice(events)
  if (Arr.isReadonlyArrayNonEmpty(next)) yield* (yield* EventLog).append(project, next)
})

const remedy = '"onymous rebuild --project spoilt" derives it again'

describe.skipIf(!postgresUrl)("what a database has that we did not write", () => {
  for (const policy of ["{}", "null", '{"preset":"none"}']) {
    it.live(`the policy ${policy} of a checkpoint stops its project alone, until a rebuild`, () =>
      Effect.gen(function* () {
        const [sql, persons, editions] = [yield* SchemaClient, yield* Persons, yield* Editions]
        const projector = yield* Projector
        const [spoilt, beside] = [yield* derived("spoilt"), yield* derived("beside")]
        const rows = yield* editions.dump(spoilt)
        yield* sql`update ${sql.ours("checkpoints")} set policy = ${policy}::text::json
          where project_id = ${spoilt}`
        const refused = yield* Effect.flip(persons.checkpoint(spoilt))
        expect(refused).toMatchObject({ reason: { _tag: "Stopped", project: spoilt } })
        expect(refused.message).toContain("project spoilt")
        expect(refused.message).toContain("onymous.checkpoints")
        expect(refused.message).toContain(remedy)
        const known = { standstills: new Map(), claims: new Map() }
        expect((yield* Lag.of(known, spoilt)).stopped).toContain(remedy)
        const running = yield* Effect.forkScoped(projector.run)
        yield* more(beside)
        yield* projector.waitFor(beside, Position(events + 10), 10)
        const waiting = projector.waitFor(spoilt, Position(events), 10)
        expect((yield* Effect.flip(waiting)).message).toBe(refused.message)
        expect(running.pollUnsafe()).toBeUndefined()
        const verified = yield* projector.verify(spoilt)
        expect(verified).toMatchObject({ isOk: false, position: events })
        expect(verified.reason).toContain("checkpoints")
        expect(yield* projector.rebuild(spoilt)).toMatchObject({ isPublished: true })
        yield* projector.waitFor(spoilt, Position(events), 10)
        expect(yield* editions.dump(spoilt)).toBe(rows)
        yield* Fiber.interrupt(running)
      }).pipe(Effect.scoped, Effect.provide(fresh)),
    )
  }

  it.live("a policy of the past, or of an edition in the making, is derived again as well", () =>
    Effect.gen(function* () {
      const [sql, persons, editions] = [yield* SchemaClient, yield* Persons, yield* Editions]
      const project = yield* derived("spoilt")
      const live = yield* persons.checkpoint(project)
      yield* sql`insert into ${sql.ours("policies")} (edition, from_position, policy)
        values (${live?.edition ?? ""}::text::bigint, 1, '[]')`
      const refused = yield* Effect.flip(persons.policies(project))
      expect(refused.message).toContain("onymous.policies")
      expect(refused.message).toContain(remedy)
      yield* editions.claim(project, live?.logId ?? "")
      yield* sql`update ${sql.ours("checkpoints")} set policy = '{}' where not is_live`
      yield* (yield* Projector).rebuild(project, { skipsHeartbeat: true })
      expect(yield* persons.policies(project)).toEqual([])
    }).pipe(Effect.provide(fresh)),
  )

  it.live("a sequence of editions behind its tables is passed over, apart and not", () =>
    Effect.gen(function* () {
      const [sql, persons, editions] = [yield* SchemaClient, yield* Persons, yield* Editions]
      const projector = yield* Projector
      const project = yield* derived("restored")
      for (const _ of [1, 2, 3]) yield* projector.rebuild(project)
      const live = yield* persons.checkpoint(project)
      const back = sql`select setval(${sql.nameOf("editions")}::text::regclass, 1, false)`
      yield* back
      expect((yield* projector.verify(project)).isOk).toBe(true)
      yield* back
      yield* projector.rebuild(project)
      const next = yield* persons.checkpoint(project)
      expect(Number(next?.edition)).toBeGreaterThan(Number(live?.edition))
      const apart = yield* editions.claim(project, next?.logId ?? "", { isLong: true })
      yield* back
      const beside = yield* derived("beside")
      const other = yield* editions.claim(beside, next?.logId ?? "", { isLong: true })
      expect(Number(other.edition)).toBeGreaterThan(Number(apart.edition))
    }).pipe(Effect.provide(fresh)),
  )
})
