import { Effect, Result } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { randomUUID } from "node:crypto"
import { Api } from "@onymous/api/Api"
import { CurrentProject } from "@onymous/api/Authorization"
import { DistinctId } from "@onymous/identity/DistinctId"
import * as Event from "@onymous/identity/Event"
import * as Identity from "@onymous/identity/Identity"
import * as Json from "@onymous/identity/Json"
import * as Policy from "@onymous/identity/Policy"
import { ProjectId } from "@onymous/identity/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import type { Persons } from "@onymous/projector/Persons"
import { Projector } from "@onymous/projector/Projector"
import * as Bisect from "@onymous/timetravel/Bisect"
import * as Difference from "@onymous/timetravel/Difference"
import * as Load from "@onymous/timetravel/Load"
import * as Point from "@onymous/timetravel/Point"
import * as Story from "@onymous/timetravel/Story"
import * as Trace from "@onymous/timetravel/Trace"
import { verify } from "@onymous/timetravel/Verify"
import * as Views from "@onymous/timetravel/Views"
import * as WhatIf from "@onymous/timetravel/WhatIf"
import * as Why from "@onymous/timetravel/Why"
import * as Failure from "./Failure.ts"

/** The longest log that is held in memory for a question about everyone. */
const eventsMax = 500_000

/** How long a question waits for the persons to follow the log. */
const followSeconds = 10

const pointOf = (project: ProjectId, text: string | undefined) =>
  text === undefined ? Effect.undefined : Point.resolve(project, text)

const invalid = (field: string, expected: string) =>
  Effect.fail(Failure.ofBody({ field, expected }))

const orInvalid = <A>(read: Result.Result<A, Event.Invalid>) =>
  Effect.fromResult(Result.mapError(read, Failure.ofBody))

/** The fields of a what-if, each read or refused by its name, and the ids that it is about. */
const editOf = Effect.fnUntraced(function* (project: ProjectId, body: Json.JsonObject) {
  const without = Json.get(body, "without") ?? []
  if (!Array.isArray(without)) return yield* invalid("without", "a list of uuids")
  const left = yield* Load.eventsOf(project, without.map(String), "without")
  const insert = Json.get(body, "insert") ?? []
  if (!Array.isArray(insert)) return yield* invalid("insert", "a list of events")
  const events: Array<{ readonly event: Event.Event }> = []
  for (const [index, value] of insert.entries()) {
    const decoded = Result.mapError(Event.decode(value, randomUUID), ({ field, expected }) => ({
      field: `insert[${index}].${field}`,
      expected,
    }))
    events.push(yield* orInvalid(decoded))
  }
  const given = Json.get(body, "policy")
  const policy = given === undefined ? undefined : yield* orInvalid(Policy.decode(given))
  const from = Json.get(body, "from")
  const at = yield* pointOf(project, from === undefined ? undefined : String(from))
  const edit: WhatIf.Edit = {
    without: new Set(left.map(({ event }) => event.uuid)),
    insert: events,
    ...(policy !== undefined && { policy }),
    ...(at !== undefined && { from: at }),
  }
  return { edit, ids: Identity.touched([...left, ...events]) }
})

const whatIf = Effect.fnUntraced(function* (project: ProjectId, body: Json.JsonObject) {
  const { edit, ids } = yield* editOf(project, body)
  // Other rules may reach everyone; other events reach no further than the cones of their ids.
  const history = yield* edit.policy === undefined
    ? Load.about(project, ids, edit)
    : Load.history(project, eventsMax)
  const difference = Views.difference(project, WhatIf.whatIf(history, edit))
  return { ...difference, blast_radius: WhatIf.blastRadius(history, edit) }
})

const why = Effect.fnUntraced(function* (
  project: ProjectId,
  asked: { readonly a: string; readonly b: string; readonly at?: string | undefined },
) {
  const [a, b] = [DistinctId(asked.a), DistinctId(asked.b)]
  const at = yield* pointOf(project, asked.at)
  const history = yield* Load.about(project, new Set([a, b]))
  return Views.why(Why.why(history, a, b, at ?? history.head))
})

const trace = Effect.fnUntraced(function* (project: ProjectId, text: string) {
  const found = yield* Load.around(project, yield* Point.resolve(project, text))
  if (found === undefined) return yield* invalid("event", "an event in the log")
  const { checks, before, after, warnings } = Trace.trace(found.history, found.recorded)
  return {
    ...Views.event(found.recorded),
    checks: checks.map((check) => ({ ...check })),
    before: before.map((view) => Views.person(project, view)),
    after: after.map((view) => Views.person(project, view)),
    warnings: warnings.map(Views.warning),
  }
})

const historyOf = Effect.fnUntraced(function* (
  project: ProjectId,
  asked: { readonly distinct_id: string; readonly at?: string | undefined },
) {
  const id = DistinctId(asked.distinct_id)
  const at = yield* pointOf(project, asked.at)
  const history = yield* Load.about(project, new Set([id]))
  return Views.history(project, Story.story(history, id, at ?? history.head))
})

const diff = Effect.fnUntraced(function* (
  project: ProjectId,
  asked: {
    readonly from: string
    readonly to?: string | undefined
    readonly distinct_id?: string | undefined
  },
) {
  const from = yield* Point.resolve(project, asked.from)
  const to = yield* pointOf(project, asked.to)
  const id = asked.distinct_id === undefined ? undefined : DistinctId(asked.distinct_id)
  const history = yield* id === undefined
    ? Load.history(project, eventsMax)
    : Load.about(project, new Set([id]))
  const all = Difference.diff(history, from, to ?? history.head)
  return Views.difference(project, id === undefined ? all : Difference.about(all, id))
})

const bisect = Effect.fnUntraced(function* (project: ProjectId, condition: string) {
  const words = condition.trim().split(/\s+/)
  const ids = Bisect.idsOf(words)
  const history = yield* ids === undefined
    ? Load.history(project, eventsMax)
    : Load.about(project, ids)
  const { position, isLasting } = Bisect.bisect(yield* orInvalid(Bisect.parse(history, words)))
  return { position: position ?? null, lasting: isLasting }
})

const verified = (project: ProjectId) =>
  Effect.map(verify(project), ({ isOk, position, stateHash, reason }) => ({
    ok: isOk,
    position,
    state_hash: stateHash,
    ...(reason !== undefined && { reason }),
  }))

/** Asks once the persons are where the log is. */
const settled = Effect.fnUntraced(function* () {
  const project = ProjectId((yield* CurrentProject).id)
  const { position } = yield* (yield* EventLog).head(project)
  yield* (yield* Projector).reached(project, position, followSeconds)
  return project
})

/** Answers about the past: what is about some ids from their cones, the rest from the whole log. */
export const layer = HttpApiBuilder.group(
  Api,
  "past",
  Effect.fnUntraced(function* (handlers) {
    const services = yield* Effect.context<Persons | EventLog | Projector>()
    const asked = <A, E extends Parameters<typeof Failure.ofPast>[0]>(
      answer: (project: ProjectId) => Effect.Effect<A, E, Persons | EventLog>,
    ) =>
      Effect.flatMap(settled(), answer).pipe(
        Effect.mapError(Failure.ofPast),
        Effect.provideContext(services),
      )
    return handlers.handleAll({
      why: ({ query }) => asked((project) => why(project, query)),
      trace: ({ query }) => asked((project) => trace(project, query.event)),
      history: ({ query }) => asked((project) => historyOf(project, query)),
      diff: ({ query }) => asked((project) => diff(project, query)),
      bisect: ({ query }) => asked((project) => bisect(project, query.condition)),
      whatIf: ({ payload }) => asked((project) => whatIf(project, payload)),
      verify: () => asked(verified),
    })
  }),
)
