import { PgClient } from "@effect/sql-pg"
import { Effect, Stream } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { SqlClient } from "effect/sql"
import { Database } from "./Database.ts"
import * as Migrations from "./Migrations.ts"
import * as SchemaClient from "./sql/SchemaClient.ts"

/** Who is handed tables, and what they are called. */
export interface Script {
  readonly schema: string
  /** The role that Onymous runs with, as it is called; without one nobody is granted anything. */
  readonly role?: string | undefined
}

const quoted = (text: string, mark: string): string =>
  `${mark}${text.replaceAll(mark, mark + mark)}${mark}`

/** A statement with its values in place, as a console takes it: steps have numbers and texts alone. */
const filled = (text: string, values: ReadonlyArray<unknown>): string =>
  text.replace(/\$(\d+)/g, (_, number: string) => {
    const value = values[Number(number) - 1]
    return typeof value === "number" ? `${value}` : quoted(String(value), "'")
  })

const isChange = (text: string): boolean => /^\s*(?:create|alter|insert|update)\b/i.test(text)

/** A client of a database in which nothing is there, that notes each change and makes none. */
const noting = Effect.fnUntraced(function* (schema: string, noted: Array<string>) {
  const note = (text: string, values: ReadonlyArray<unknown>) =>
    Effect.sync(() => {
      if (isChange(text)) noted.push(filled(text, values))
      return []
    })
  const connection = {
    execute: note,
    executeRaw: note,
    executeStream: () => Stream.empty,
    executeValues: note,
    executeValuesUnprepared: note,
    executeUnprepared: note,
  }
  const client = yield* SqlClient.make({
    acquirer: Effect.succeed(connection),
    compiler: PgClient.makeCompiler(),
    spanAttributes: [],
    driver: "noted",
  })
  return SchemaClient.of(
    Object.assign(client, {
      [PgClient.TypeId]: PgClient.TypeId,
      config: {},
      json: () => client.literal(""),
      listen: () => Effect.never,
      notify: () => Effect.void,
    }),
    schema,
  )
})

const grantsTo = (schema: string, role: string): ReadonlyArray<string> => {
  const rights = [
    "select, insert, update, delete on tables",
    "usage on sequences",
    "execute on functions",
  ]
  return [
    `grant usage on schema ${schema} to ${role}`,
    ...rights.map(
      (each) => `grant ${each.replace(" on ", " on all ")} in schema ${schema} to ${role}`,
    ),
    // What a later version adds is granted where the same administrator makes it.
    ...rights.map(
      (each) => `alter default privileges in schema ${schema} grant ${each} to ${role}`,
    ),
  ]
}

/**
 * The SQL that makes the schema and all tables as of now, where none of them is there yet, and grants a role what
 * Onymous needs of them: for an administrator, who runs all of it in one transaction.
 */
export const scriptOf = (
  { schema, role }: Script,
  ...all: ReadonlyArray<Migrations.Migrations>
): Effect.Effect<string> =>
  Effect.gen(function* () {
    const noted: Array<string> = []
    const sql = yield* noting(schema, noted)
    yield* Migrations.run(...all).pipe(
      Effect.provideService(SchemaClient.SchemaClient, sql),
      Effect.provideService(Database, {
        kind: "postgres",
        place: "nowhere",
        listens: false,
        appends: sql,
      }),
    )
    const grants = role === undefined ? [] : grantsTo(quoted(schema, '"'), quoted(role, '"'))
    return ["begin", ...noted, ...grants, "commit"].map((each) => `${each};\n`).join("")
  }).pipe(Effect.provide(Reactivity.layer), Effect.orDie)
