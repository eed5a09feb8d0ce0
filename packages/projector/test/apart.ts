import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { ProjectId } from "@onymous/identity/ProjectId"
import { Persons } from "../src/Persons.ts"
import * as Turns from "../src/Turns.ts"
import { Whole } from "../src/Whole.ts"
import { recorded, simpleEvents } from "./randomEvents.ts"

export const logId = "11111111-1111-4111-8111-111111111111"

/** An edition of the same events in partitions of its own, ready to be asked. */
export const madeApart = Effect.fnUntraced(function* (name: string) {
  const persons = yield* Persons
  const whole = new Whole(yield* persons.claimEdition(ProjectId(name), logId, { isLong: true }))
  whole.fold(recorded(simpleEvents(3, 40)), undefined)
  yield* persons.commit(Turns.atOnce(whole.finish()))
  return yield* persons.seal(whole.to)
})

/** How many partitions of an edition there are. */
export const partitionsOf = Effect.fnUntraced(function* (edition: string) {
  const sql = yield* SqlClient.SqlClient
  const like = `%_${edition}`
  return (yield* sql`select 1 from pg_class where relname like ${like} and relkind = 'r'`).length
})
