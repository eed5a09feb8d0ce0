import { PgClient } from "@effect/sql-pg"
import { Effect, Redacted, type Scope } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import type { SqlError } from "effect/sql/SqlError"
import { randomBytes } from "node:crypto"

/**
 * Runs one statement on a connection of its own, because `create database` refuses to run in a
 * transaction.
 */
const run = (url: string, statement: string): Effect.Effect<void, SqlError> =>
  PgClient.make({ url: Redacted.make(url), maxConnections: 1 }).pipe(
    Effect.flatMap((sql) => sql.unsafe(statement)),
    Effect.asVoid,
    Effect.provide(Reactivity.layer),
    Effect.scoped,
  )

/** Drops a database of a server, even while somebody is connected to it. */
export const drop = (url: string, name: string): Effect.Effect<void, SqlError> =>
  run(url, `drop database if exists "${name}" with (force)`)

/**
 * Creates an empty database on the server at `url`, returns its URL, and drops it when the scope
 * closes.
 */
export const fresh = (url: string): Effect.Effect<string, SqlError, Scope.Scope> =>
  // Suspended, so that each run of the effect creates another database.
  Effect.suspend(() => {
    const name = `onymous_test_${randomBytes(8).toString("hex")}`
    // template0, because nobody can be connected to it: a connection would make the copy fail.
    const make = run(url, `create database "${name}" template template0`).pipe(
      Effect.as(Object.assign(new URL(url), { pathname: `/${name}` }).href),
    )
    return Effect.acquireRelease(make, () => Effect.orDie(drop(url, name)))
  })
