import { Context, Effect, Layer } from "effect"
import type { SqlError } from "effect/sql"
import * as CauseLog from "@onymous/database/CauseLog"
import { defectOf } from "@onymous/database/ErrorText"
import { Database } from "@onymous/database/Database"
import { SchemaClient, type Sql } from "@onymous/database/sql/SchemaClient"
import { Editions } from "../Editions.ts"
import { Persons } from "../Persons.ts"
import { PersonStore } from "../PersonStore.ts"
import type { ReadModel } from "../ReadModel.ts"
import { Timeline } from "../Timeline.ts"
import { PersonsError } from "../PersonsError.ts"
import * as EditionComparison from "./editions/EditionComparison.ts"
import * as SqlCommit from "./SqlCommit.ts"
import * as SqlEditions from "./editions/SqlEditions.ts"
import * as SqlDump from "./SqlDump.ts"
import * as EventFates from "./EventFates.ts"
import * as PersonQueries from "./PersonQueries.ts"
import * as SliceLoader from "./SliceLoader.ts"
import * as FormerlyHeld from "./search/FormerlyHeld.ts"
import * as TimelineQueries from "./TimelineQueries.ts"
import * as WarningQueries from "./WarningQueries.ts"

const unavailable = (cause: SqlError.SqlError): PersonsError =>
  new PersonsError({ reason: { _tag: "Unavailable", cause } })

/** Dies where the statement itself is wrong, because then the fault is ours and not the database's. */
const orDefect = <E>(cause: SqlError.SqlError, failure: Effect.Effect<never, E>) => {
  const defect = defectOf(cause)
  return defect === undefined ? failure : Effect.die(defect)
}

type Tell = (cause: SqlError.SqlError | PersonsError) => Effect.Effect<void>

type Ask = <A, E extends PersonsError>(
  effect: Effect.Effect<A, E | SqlError.SqlError, SchemaClient>,
) => Effect.Effect<A, PersonsError>

const questions = (ask: Ask, askForCapture: Ask) =>
  Persons.of({
    checkpoint: (project) => askForCapture(SqlEditions.checkpoint(project)),
    conesOf: (from, ids) => ask(SliceLoader.conesOf(from, ids)),
    waiting: (question) => ask(EventFates.waiting(question)),
    waitingOf: (project, id) => ask(EventFates.waitingOf(project, id)),
    fates: (project, positions) => ask(EventFates.fates(project, positions)),
    goneAt: (project, ids, at) => ask(EventFates.goneAt(project, ids, at)),
    ownersAt: (project, places) => ask(EventFates.ownersAt(project, places)),
    policies: (project) => ask(EventFates.policies(project)),
    find: (project, id, at) => ask(PersonQueries.find(project, id, at)),
    findById: (project, id, at) => ask(PersonQueries.findById(project, id, at)),
    idsFrom: (question) => ask(PersonQueries.idsFrom(question)),
    list: (question) => ask(PersonQueries.list(question)),
    warningGroups: (question) => ask(WarningQueries.warningGroups(question)),
    warnings: (question) => ask(WarningQueries.warnings(question)),
    hashes: (project) => ask(EventFates.hashes(project)),
  })

const timeline = (ask: Ask) =>
  Timeline.of({
    activity: (question) => ask(TimelineQueries.activity(question)),
    changes: (question) => ask(TimelineQueries.changes(question)),
    mergesWorthALook: (question) => ask(TimelineQueries.mergesWorthALook(question)),
    formerlyHeld: (question) => ask(FormerlyHeld.formerlyHeld(question)),
    waitingNow: (project) => ask(TimelineQueries.waitingNow(project)),
  })

const store = (ask: Ask) =>
  PersonStore.of({
    claim: (project, logId) => ask(SqlEditions.claim(project, logId)),
    release: (claimed) => ask(SqlEditions.release(claimed)),
    load: (from, wanted) => ask(SliceLoader.load(from, wanted)),
    due: (from, until) => ask(EventFates.due(from, until)),
    overdue: ask(EventFates.overdue),
    waiting: ask(EventFates.waitingCounts),
    commit: (page) => ask(SqlCommit.commit(page)),
  })

/** A failed sweep is not logged, because queries may still read what it would free, and the next sweep tries again. */
const editions = (ask: Ask, askQuietly: Ask) =>
  Editions.of({
    claim: (project, logId, options) => ask(SqlEditions.claimEdition(project, logId, options)),
    live: (project) => ask(SqlEditions.live(project)),
    fence: (project, logId) => ask(SqlEditions.fence(project, logId)),
    making: (project) => ask(SqlEditions.making(project)),
    beat: (candidate) => ask(SqlEditions.beat(candidate)),
    seal: (candidate) => ask(SqlEditions.seal(candidate)),
    publish: (candidate, live) => ask(SqlEditions.publish(candidate, live)),
    discard: (candidate) => ask(SqlEditions.discard(candidate)),
    sweep: askQuietly(SqlEditions.sweep),
    compare: (candidate, options) => ask(EditionComparison.compare(candidate, options)),
    dump: (project) => ask(SqlDump.dump(project)),
  })

const make = Effect.gen(function* () {
  const sql = yield* SchemaClient
  const { appends } = yield* Database
  const askWith =
    (client: Sql, tell: Tell, tellStop: Tell = () => Effect.void): Ask =>
    (effect) =>
      Effect.catch(Effect.provideService(effect, SchemaClient, client), (error) =>
        error instanceof PersonsError
          ? Effect.andThen(error.reason._tag === "Stopped" ? tellStop(error) : Effect.void, error)
          : orDefect(error, Effect.andThen(tell(error), Effect.fail(unavailable(error)))),
      )
  const tell = yield* CauseLog.make("The persons are unavailable")
  const tellStop = yield* CauseLog.make("A project takes no events")
  const ask = askWith(sql, tell)
  const askQuietly = askWith(sql, () => Effect.void)
  // A capture reads the policy of the checkpoint: the connections of appends keep it from waiting behind questions.
  return Context.make(Persons, questions(ask, askWith(appends, tell, tellStop))).pipe(
    Context.add(Timeline, timeline(ask)),
    Context.add(PersonStore, store(ask)),
    Context.add(Editions, editions(ask, askQuietly)),
  )
})

/** The read model in Postgres, or in PGlite. */
export const layer: Layer.Layer<ReadModel, never, SchemaClient | Database> =
  Layer.effectContext(make)
