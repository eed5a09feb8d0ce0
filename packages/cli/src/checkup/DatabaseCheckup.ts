import { Clock, Effect } from "effect"
import { statfsSync } from "node:fs"
import { Database } from "@onymous/database/Database"
import * as Migrations from "@onymous/database/Migrations"
import * as DatabaseFacts from "@onymous/database/sql/DatabaseFacts"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import * as Structure from "@onymous/database/structure/Structure"
import { EventLog } from "@onymous/log/EventLog"
import * as LogStructure from "@onymous/log/sql/structure/LogStructure"
import { migrations as ofLog } from "@onymous/log/sql/LogMigrations"
import * as SqlEventLog from "@onymous/log/sql/SqlEventLog"
import * as PersonsStructure from "@onymous/persons/sql/PersonsStructure"
import { migrations as ofPersons } from "@onymous/persons/sql/PersonsMigrations"
import * as SqlPersons from "@onymous/persons/sql/SqlPersons"
import * as Lag from "@onymous/projector/Lag"
import type { Finding } from "./Finding.ts"
import * as Looks from "./Looks.ts"
import * as LostParts from "./LostParts.ts"

/** The state of all tables, of the log and of the persons. */
const steps = Effect.gen(function* () {
  const [log, persons] = [yield* Migrations.stateOf(ofLog), yield* Migrations.stateOf(ofPersons)]
  const found: Looks.Steps = {
    isThere: log.isThere,
    missing: [...log.missing, ...persons.missing],
    later: [...log.later, ...persons.later],
  }
  return found
})

/** The finding of the parts that the tables of this version have lost, if any. */
const lostParts = Effect.gen(function* () {
  const { schema } = yield* SchemaClient
  const log = yield* Structure.lostOf(LogStructure.structure)
  const persons = yield* Structure.lostOf(PersonsStructure.structure)
  return LostParts.look({ log, persons }, schema)
})

const projects = Effect.gen(function* () {
  const found: Array<Finding> = []
  for (const { id } of yield* (yield* EventLog).projects) {
    const { head, events, seconds, stopped } = yield* Lag.of(
      { standstills: new Map(), claims: new Map() },
      id,
    )
    const lag = { lag: events ?? null, lag_seconds: seconds ?? null, stopped: stopped ?? null }
    found.push(Looks.project({ project: id, head: head.position, ...lag }))
  }
  return found
})

/** Checks an existing database, and the disk of an embedded one; changes nothing. */
export const look = Effect.fnUntraced(function* (directory: string | undefined) {
  const { kind, listens, place, appends } = yield* Database
  const { schema } = yield* SchemaClient
  const before = yield* Clock.currentTimeMillis
  const facts = yield* DatabaseFacts.read
  const after = yield* Clock.currentTimeMillis
  const state = yield* steps
  const isCurrent = state.isThere && state.missing.length === 0 && state.later.length === 0
  const lost = isCurrent ? yield* lostParts : undefined
  const tables = lost ?? Looks.tables(state, place)
  const findings = [tables, ...Looks.database(facts, schema)]
  if (kind === "postgres") {
    findings.push(...Looks.server(facts, !listens))
    findings.push(Looks.clock("the database", facts.now, before, after))
  }
  if (directory !== undefined) {
    const { bavail, bsize } = statfsSync(directory)
    findings.push(Looks.disk(bavail * bsize, directory))
  }
  if (!isCurrent || lost !== undefined || facts.lacks.length > 0) return findings
  const ofProjects = projects.pipe(
    Effect.provide([SqlEventLog.layer({ listens: false, appends }), SqlPersons.layer]),
  )
  return [...findings, ...(yield* ofProjects)]
})
