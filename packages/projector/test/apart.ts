import { Effect } from "effect"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { Editions } from "@onymous/persons/Editions"
import { PersonStore } from "@onymous/persons/PersonStore"
import * as WorkInTurns from "@onymous/persons/rows/WorkInTurns"
import { ProjectInMemory } from "@onymous/persons/rows/ProjectInMemory"
import { recorded, simpleEvents } from "@onymous/simulator/random/FewIds"

export const logId = "11111111-1111-4111-8111-111111111111"

/** A sealed edition of the same events, apart. */
export const madeApart = Effect.fnUntraced(function* (name: string) {
  const store = yield* PersonStore
  const editions = yield* Editions
  const whole = new ProjectInMemory(yield* editions.claim(ProjectId(name), logId, { isLong: true }))
  whole.fold(recorded(simpleEvents(3, 40)), undefined)
  yield* store.commit(WorkInTurns.atOnce(whole.finish()))
  return yield* editions.seal(whole.to)
})

/** How many partitions of an edition there are. */
export const partitionsOf = Effect.fnUntraced(function* (edition: string) {
  const sql = yield* SchemaClient
  const like = `%_${edition}`
  return (yield* sql`select 1 from pg_class where relname like ${like} and relkind = 'r'`).length
})
