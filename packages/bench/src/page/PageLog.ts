import { Console, Effect } from "effect"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import { api, Refused } from "../load/Requests.ts"
import { type Server, serve } from "../load/ServerProcess.ts"

/** The project that a server serves. */
export const project = "1"

/** A person of many ids, one of each visit of a browser that forgets. */
export const manyId = "many@fig.example"

/** Events of that person at most: just few enough for a page to fold them. */
const manyEvents = 18_000

/** Events of it for each of its ids. */
const eventsPerId = 6

/** Events of a visit, and visits of a user, as `eventAt` has them. */
const [eventsPerVisit, visitsPerUser] = [10, 5]

/** Every so many events, one asks for a merge that is refused. */
const refusedEvery = 997

/** Events inserted by one statement. */
const chunkSize = 50_000

/** So long the log takes, in milliseconds: it ends now. */
const lasting = 14 * 24 * 3_600_000

/** The demo world comes first: it ends where the rest begins. */
const appendDemo = Effect.fnUntraced(function* (server: Server, endsAt: number) {
  const body = JSON.stringify({ ends_at: new Date(endsAt).toISOString() })
  const { status, text } = yield* api(server, "POST", "demo", body)
  if (status >= 300) return yield* new Refused({ message: `${status} ${text}` })
})

/** The rows of events, by their numbers in a log of `size`: most are visits, some the person's of many ids. */
const rowsOf = (size: number) => {
  const every = Math.max(2, Math.ceil(size / manyEvents))
  const users = Math.max(1, Math.trunc(size / (eventsPerVisit * visitsPerUser)))
  return `
    select number, case
        when number % ${every} = 0 and (number / ${every}) % ${eventsPerId} = 3 then 'joins'
        when number % ${every} = 0 then 'many'
        when number % ${refusedEvery} = 0 then 'refused'
        when number % ${eventsPerVisit} = 4 then 'identify'
        else 'visit'
      end as what,
      'h-' || (number / ${every}) / ${eventsPerId} as browser,
      (number / ${every}) % ${eventsPerId} as browsed,
      'anonymous-' || number / ${eventsPerVisit} as anonymous,
      'user-' || (number / ${eventsPerVisit}) % ${users} as known,
      number % ${eventsPerVisit} as step, (number / ${eventsPerVisit}) % 7 as plan
    from generate_series($2::bigint, $3::bigint) number`
}

const insertRows = (events: string, size: number) => `
  insert into ${events} (project_id, position, uuid, kind, recorded_at, name, distinct_id, source_id, facts, payload)
  select $1, $4::bigint + number,
    ('01900000-0000-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid, 'captured',
    to_timestamp(trunc($5::float8 + number * $6::float8) / 1000), name, distinct_id, source_id,
    case when name <> '$identify' then '{"mapped":{"$browser":"Chrome"},"lib":"web"}'
      when what = 'joins' then '{"set":{"seen":' || number || '},"lib":"web"}'
      else '{"set":{"plan":' || plan || '},"lib":"web"}' end::json,
    json_build_object('event', name, 'distinct_id', distinct_id, 'properties',
      json_build_object('$lib', 'web', '$browser', 'Chrome', 'pad', repeat('x', 300)))
  from (
    select *,
      case when what in ('joins', 'refused', 'identify') then '$identify' else '$pageview' end as name,
      case what when 'joins' then '${manyId}'
        when 'many' then case when browsed < 3 then browser else '${manyId}' end
        when 'refused' then 'null'
        when 'identify' then known
        else case when step < 4 then anonymous else known end end as distinct_id,
      case what when 'joins' then browser when 'refused' then anonymous
        when 'identify' then anonymous end as source_id
    from (${rowsOf(size)}) rows
  ) told`

/** Fills a log to `size` events by statements of Postgres alone, as if they were from before the seals. */
const fill = Effect.fnUntraced(function* (size: number, startsAt: number) {
  const sql = yield* SchemaClient
  const [events, projects] = [`"${sql.schema}".events`, `"${sql.schema}".projects`]
  const [head] = yield* sql<{ readonly position: number }>`
    select position from ${sql.ours("projects")} where id = ${project}`
  const before = head?.position ?? 0
  const count = size - before
  const pace = lasting / size
  for (let from = 1; from <= count; from += chunkSize) {
    const to = Math.min(count, from + chunkSize - 1)
    yield* sql.unsafe(insertRows(events, size), [project, from, to, before, startsAt, pace])
    yield* Console.log(`${(before + to).toLocaleString("en")} events are in the log.`)
  }
  yield* sql.unsafe(
    `update ${projects} set position = $2::bigint, unsealed = $2::bigint, seal = '', recorded_at =
      (select recorded_at from ${events} where project_id = $1 and position = $2::bigint) where id = $1`,
    [project, size],
  )
  yield* sql.unsafe(`analyze ${events}`)
})

/** Makes a log of `size` events in an empty database; its persons follow once a server does. */
export const make = Effect.fnUntraced(function* (location: string, size: number) {
  const startsAt = Date.now() - lasting
  yield* Effect.scoped(
    Effect.flatMap(serve(location), (server) => appendDemo(server, startsAt - 1)),
  )
  yield* fill(size, startsAt)
})
