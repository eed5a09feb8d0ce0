import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import { Position, zero } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type { Sql } from "@onymous/database/sql/SchemaClient"
import { EventLogError } from "../../EventLog.ts"

interface HeadRow {
  readonly head: number | null
  readonly found: number | null
}

/** The error of a head that is behind an event of its log. */
export const errorOf = (project: ProjectId, head: Position, found: Position): EventLogError =>
  new EventLogError({ reason: { _tag: "HeadBehind", project, head, found } })

/** The failure for a project whose events go on beyond its head, which one without a row does not have. */
const find = Effect.fnUntraced(function* (sql: Sql, project: ProjectId) {
  const [row] = yield* sql<HeadRow>`
    select p.position as head, (
      select min(position) from ${sql.ours("events")}
      where project_id = given.id and position > coalesce(p.position, 0)
    ) as found
    from (select ${project}::text as id) given left join ${sql.ours("projects")} p on p.id = given.id`
  const { head = null, found = null } = row ?? {}
  return {
    isThere: head !== null,
    error:
      found === null
        ? undefined
        : errorOf(project, head === null ? zero : Position(head), Position(found)),
  }
})

/** Fails for a project to be made whose events are there already. */
export const refuse = Effect.fnUntraced(function* (sql: Sql, project: ProjectId) {
  const { isThere, error } = yield* find(sql, project)
  if (!isThere && error !== undefined) return yield* error
})

/** Names the head that is behind its events, where that is why a key is taken: then no append gets a free position. */
export const naming =
  (sql: Sql, project: ProjectId) =>
  <A>(effect: Effect.Effect<A, EventLogError | SqlError.SqlError>) =>
    Effect.catchIf(
      effect,
      (error) => error._tag === "SqlError" && error.reason._tag === "UniqueViolation",
      (taken) =>
        Effect.flatMap(
          find(sql, project),
          ({ error = taken }): Effect.Effect<never, EventLogError | SqlError.SqlError> =>
            Effect.fail(error),
        ),
    )
