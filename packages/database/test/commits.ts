import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { writeSync } from "node:fs"
import * as Database from "../src/Database.ts"

/** Commits row after row into the directory it is given, and prints each number once it is committed. */
const commits = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`create table numbers (n int primary key)`
  for (let n = 1; ; n++) {
    yield* sql`insert into numbers (n) values (${n})`
    writeSync(1, `${n}\n`)
  }
})

await Effect.runPromise(commits.pipe(Effect.provide(Database.layer(process.argv[2] ?? "memory"))))
