import { PgClient } from "@effect/sql-pg"
import { Effect, Redacted, type Scope } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import type { SqlError } from "effect/sql/SqlError"
import { randomBytes } from "node:crypto"

/** One statement in a connection of its own, since no database is made in a transaction. */
const run = (url: string, statement: string): Effect.Effect<void, SqlError> =>
  PgClient.make({ url: Redacted.make(url), maxConnections: 1 }).pipe(
    Effect.flatMap((sql) => sql.unsafe(statement)),
    Effect.asVoid,
    Effect.provide(Reactivity.layer),
    Effect.scoped,
  )

/** Removes a database of a server, also while somebody is connected to it. */
export const drop = (url: string, name: string): Effect.Effect<void, SqlError> =>
  run(url, `drop database if exists "${name}" with (force)`)

/** An empty database in the server at `url`: gives its own url, and is gone when the scope closes. */
export const fresh = (url: string): Effect.Effect<string, SqlError, Scope.Scope> =>
  // Suspended, so that running the same effect again makes another database.
  Effect.suspend(() => {
    const name = `onymous_test_${randomBytes(8).toString("hex")}`
    // template0: nobody can be connected to it, which would make the copy fail.
    const make = run(url, `create database "${name}" template template0`).pipe(
      Effect.as(Object.assign(new URL(url), { pathname: `/${name}` }).href),
    )
    return Effect.acquireRelease(make, () => Effect.orDie(drop(url, name)))
  })
