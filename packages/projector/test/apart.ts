import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { Persons } from "@onymous/persons/Persons"
import * as WorkInTurns from "@onymous/persons/rows/WorkInTurns"
import { Whole } from "@onymous/persons/rows/ProjectInMemory"
import { recorded, simpleEvents } from "@onymous/simulator/random/FewIds"

export const logId = "11111111-1111-4111-8111-111111111111"

/** An edition of the same events in partitions of its own, ready to be asked. */
export const madeApart = Effect.fnUntraced(function* (name: string) {
  const persons = yield* Persons
  const whole = new Whole(yield* persons.claimEdition(ProjectId(name), logId, { isLong: true }))
  whole.fold(recorded(simpleEvents(3, 40)), undefined)
  yield* persons.commit(WorkInTurns.atOnce(whole.finish()))
  return yield* persons.seal(whole.to)
})

/** How many partitions of an edition there are. */
export const partitionsOf = Effect.fnUntraced(function* (edition: string) {
  const sql = yield* SqlClient.SqlClient
  const like = `%_${edition}`
  return (yield* sql`select 1 from pg_class where relname like ${like} and relkind = 'r'`).length
})
