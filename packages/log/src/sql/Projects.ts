import { Effect } from "effect"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import type { Sql } from "@onymous/database/sql/SchemaClient"
import {
  checkProjectId,
  type NewKey,
  type NewProject,
  type Project,
  type ProjectKey,
  projectExists,
  projectNotFound,
  serverKey,
} from "../EventLog.ts"
import * as Append from "./Append.ts"
import * as HeadBehind from "./heads/HeadBehind.ts"

interface ProjectRow {
  readonly id: string
  readonly token: string
  readonly log_id: string
}

/** The project of a row. */
export const toProject = ({ id, token, log_id: logId }: ProjectRow): Project => ({
  id: ProjectId(id),
  token,
  logId,
})

/** Makes a project with its first key, or fails where its id or token is taken. */
export const create = Effect.fn("EventLog.createProject")(function* (
  sql: Sql,
  { id, token, keyHash }: NewProject,
) {
  yield* checkProjectId(id)
  yield* HeadBehind.refuse(sql, id)
  const rows = yield* sql<ProjectRow>`
    with made as (
      insert into ${sql.ours("projects")} (id, token, log_id)
      values (${id}, ${token}, ${crypto.randomUUID()}::text::uuid)
      on conflict do nothing returning id, token, log_id
    ), keyed as (
      insert into ${sql.ours("project_keys")} (project_id, name, hash)
      select id, ${serverKey}, ${keyHash} from made where ${keyHash} <> ''
    )
    select * from made`
  return rows[0] === undefined ? yield* projectExists(id) : toProject(rows[0])
})

/** Gives a project another token. */
export const setToken = Effect.fn("EventLog.setToken")(function* (
  sql: Sql,
  id: ProjectId,
  token: string,
) {
  const rows = yield* sql`
    update ${sql.ours("projects")} set token = ${token} where id = ${id} returning id`.pipe(
    Effect.catchIf(Append.isUniqueViolation, () => projectExists(id)),
  )
  if (rows.length === 0) return yield* projectNotFound(id)
})

/** Texts that Postgres refuses as a parameter are no project's id or token. */
const isStorable = (text: string): boolean => !text.includes("\0") && text.isWellFormed()

/** The project with an id or a token, which may be any text. Both columns have unique indexes. */
export const find = Effect.fn("EventLog.project")(function* (
  sql: Sql,
  column: "id" | "token",
  text: string,
) {
  if (!isStorable(text)) return undefined
  const [row] =
    yield* sql<ProjectRow>`select * from ${sql.ours("projects")} where ${sql(column)} = ${text}`
  return row && toProject(row)
})

interface KeyRow {
  readonly name: string
  readonly made_at: number
  readonly ended_at: number | null
}

/** The keys of a project, ended ones included, in the order in which they were made. */
export const keys = Effect.fn("EventLog.keys")(function* (sql: Sql, project: ProjectId) {
  const rows = yield* sql<KeyRow>`
    select name, made_at, ended_at from ${sql.ours("project_keys")}
    where project_id = ${project} order by made_at, name`
  return rows.map(({ name, made_at: madeAt, ended_at: endedAt }): ProjectKey => ({
    name,
    madeAt,
    endedAt: endedAt ?? undefined,
  }))
})

/** The hashes of the keys that hold; undefined for a project that does not exist. */
export const keyHashes = Effect.fn("EventLog.keyHashes")(function* (sql: Sql, project: ProjectId) {
  if (!isStorable(project)) return undefined
  const [row] = yield* sql<{ readonly hashes: ReadonlyArray<string> }>`
    select array(
      select hash from ${sql.ours("project_keys")} where project_id = p.id and ended_at is null
    ) as hashes
    from ${sql.ours("projects")} p where id = ${project}`
  return row?.hashes
})

/** Adds a key; of several processes that add a key of one free name, exactly one succeeds. */
export const addKey = Effect.fn("EventLog.addKey")(function* (
  sql: Sql,
  { project, name, hash, where }: NewKey,
) {
  const keys = sql.ours("project_keys")
  const hasNone = sql`not exists (select from ${keys} where project_id = p.id and ended_at is null)`
  const rows = yield* sql`
    insert into ${keys} (project_id, name, hash)
    select id, ${name}, ${hash} from ${sql.ours("projects")} p
    where id = ${project} and ${where === "none holds" ? hasNone : sql`true`}
    on conflict (project_id, name) where ended_at is null
    ${where === "any" ? sql`do update set hash = excluded.hash, made_at = excluded.made_at` : sql`do nothing`}
    returning name`
  return rows.length > 0
})

/** Ends the key of a name; false where no key of that name holds. */
export const endKey = Effect.fn("EventLog.endKey")(function* (
  sql: Sql,
  project: ProjectId,
  name: string,
) {
  const rows = yield* sql`
    update ${sql.ours("project_keys")} set ended_at = now()
    where project_id = ${project} and name = ${name} and ended_at is null returning name`
  return rows.length > 0
})
