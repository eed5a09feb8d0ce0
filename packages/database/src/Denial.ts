import { Effect } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import { Database } from "./Database.ts"
import { DatabaseError } from "./DatabaseError.ts"
import { codeOf } from "./ErrorText.ts"
import { SchemaClient } from "./sql/SchemaClient.ts"

const lacksPrivilege = "42501"
const isReadOnly = "25006"

interface Rights {
  readonly role: string
  readonly database: string
  readonly may_create: boolean
  /** Null where the schema does not exist. */
  readonly may_use: boolean | null
  /** The owner of the schema's tables, where the role is no member of it. */
  readonly owner: string | null
}

/** The right that the session's role lacks, as an administrator types it. */
const grantOf = (schema: string, { role, database, may_create, may_use, owner }: Rights) => {
  if (may_use === null)
    return may_create ? undefined : `grant create on database ${database} to ${role};`
  if (!may_use) return `grant usage, create on schema ${schema} to ${role};`
  return owner === null ? undefined : `grant ${owner} to ${role};`
}

const missing = Effect.gen(function* () {
  const sql = yield* SchemaClient
  const [rights] = yield* sql<Rights>`
    select quote_ident(current_user) as role, quote_ident(current_database()) as database,
      has_database_privilege(current_database(), 'create') as may_create,
      has_schema_privilege(n.oid, 'usage') and has_schema_privilege(n.oid, 'create') as may_use,
      (select quote_ident(pg_get_userbyid(c.relowner)) from pg_class c
        where c.relnamespace = n.oid and not pg_has_role(c.relowner, 'member') limit 1) as owner
    from (select 1) one left join pg_namespace n on n.nspname = ${sql.schema}`
  return rights && grantOf(sql.schema, rights)
})

/** Why a statement on our tables failed; a missing right is named. */
export const of = Effect.fnUntraced(function* (cause: SqlError) {
  const code = codeOf(cause)
  if (code === lacksPrivilege) {
    const grant = yield* Effect.orElseSucceed(missing, () => undefined)
    return new DatabaseError({ reason: { _tag: "Denied", missing: grant, cause } })
  }
  if (code === isReadOnly) {
    const missing = "a server, and a role, that write"
    return new DatabaseError({ reason: { _tag: "Denied", missing, cause } })
  }
  const { place: location } = yield* Database
  return new DatabaseError({ reason: { _tag: "Unusable", location, cause } })
})
