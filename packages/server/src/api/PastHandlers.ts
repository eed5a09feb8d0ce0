import type { ReadModel } from "@onymous/persons/ReadModel"
import { Effect, Result } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { randomUUID } from "node:crypto"
import { Api } from "@onymous/api/Api"
import { CurrentProject } from "@onymous/api/Authorization"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import * as OperatorCommand from "@onymous/identity/event/OperatorCommand"
import * as Event from "@onymous/identity/event/Event"
import * as EventDecoder from "@onymous/identity/event/EventDecoder"
import * as Invalid from "@onymous/identity/encoding/Invalid"
import * as Json from "@onymous/identity/encoding/Json"
import * as PolicyChange from "@onymous/identity/policy/PolicyChange"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { Projector } from "@onymous/projector/Projector"
import * as TimeTravel from "@onymous/timetravel/questions/TimeTravel"
import * as Bisect from "@onymous/timetravel/questions/Bisect"
import * as Point from "@onymous/timetravel/history/Point"
import { verify } from "@onymous/timetravel/questions/Verify"
import * as HistoryForms from "@onymous/timetravel/questions/HistoryForms"
import type * as EditedLog from "@onymous/timetravel/history/EditedLog"
import * as ApiFailure from "../http/ApiFailure.ts"

/** The longest log that is held in memory for a question about everyone. */
const eventsMax = 500_000

/** How long a question waits for the persons to follow the log. */
const followSeconds = 10

const pointOf = (project: ProjectId, text: string | undefined, field = "at") =>
  text === undefined ? Effect.undefined : Point.resolve(project, text, field)

const invalid = (field: string, expected: string) =>
  Effect.fail(ApiFailure.ofBody({ field, expected }))

const orInvalid = <A>(read: Result.Result<A, Invalid.Invalid>) =>
  Effect.fromResult(Result.mapError(read, ApiFailure.ofBody))

const editFields = new Set(["without", "insert", "policy", "from"])

/** The fields of a what-if, each read or refused by its name: one not read would change nothing. */
const editOf = Effect.fnUntraced(function* (project: ProjectId, body: Json.JsonObject) {
  const unknown = Object.keys(body).find((field) => !editFields.has(field))
  if (unknown !== undefined) return yield* invalid(unknown, "no such field")
  const without = Json.get(body, "without") ?? []
  if (!Array.isArray(without)) return yield* invalid("without", "a list of uuids")
  const insert = Json.get(body, "insert") ?? []
  if (!Array.isArray(insert)) return yield* invalid("insert", "a list of events")
  const events: Array<{ readonly event: Event.Event }> = []
  for (const [index, value] of insert.entries()) {
    const decoded = Result.mapError(
      EventDecoder.decode(value, randomUUID),
      ({ field, expected }) => ({
        field: `insert[${index}].${field}`,
        expected,
      }),
    )
    events.push(yield* orInvalid(decoded))
  }
  const given = Json.get(body, "policy")
  const policy = given === undefined ? undefined : yield* orInvalid(PolicyChange.decode(given))
  const from = Json.get(body, "from")
  const at = yield* pointOf(project, from === undefined ? undefined : String(from), "from")
  const edit: EditedLog.Edit = {
    without: new Set(without.map(String)),
    insert: events,
    ...(policy !== undefined && { policy }),
    ...(at !== undefined && { from: at }),
  }
  return edit
})

const whatIf = Effect.fnUntraced(function* (project: ProjectId, body: Json.JsonObject) {
  const edit = yield* editOf(project, body)
  const { blastRadius, ...difference } = yield* TimeTravel.whatIf(project, edit, eventsMax)
  return { ...HistoryForms.difference(project, difference), blast_radius: blastRadius }
})

const why = Effect.fnUntraced(function* (
  project: ProjectId,
  { a, b, at }: { readonly a: string; readonly b: string; readonly at?: string | undefined },
) {
  const point = yield* pointOf(project, at)
  return HistoryForms.why(yield* TimeTravel.why(project, [DistinctId(a), DistinctId(b)], point))
})

const undo = Effect.fnUntraced(function* (
  project: ProjectId,
  { a, b, at }: { readonly a: string; readonly b: string; readonly at?: string | undefined },
) {
  const point = yield* pointOf(project, at)
  return HistoryForms.undo(yield* TimeTravel.undo(project, [DistinctId(a), DistinctId(b)], point))
})

const culprits = Effect.fnUntraced(function* (
  project: ProjectId,
  { a, at }: { readonly a: string; readonly at?: string | undefined },
) {
  const point = yield* pointOf(project, at)
  return HistoryForms.culprits(yield* TimeTravel.culprits(project, DistinctId(a), point))
})

const settings = Effect.fnUntraced(function* (
  project: ProjectId,
  {
    a,
    property,
    at,
  }: { readonly a: string; readonly property: string; readonly at?: string | undefined },
) {
  const point = yield* pointOf(project, at)
  return HistoryForms.settings(
    yield* TimeTravel.settings(project, [DistinctId(a), property], point),
  )
})

const trace = Effect.fnUntraced(function* (project: ProjectId, text: string) {
  const traced = yield* TimeTravel.trace(project, yield* Point.resolve(project, text, "event"))
  if (traced === undefined) return yield* invalid("event", "an event in the log")
  return {
    ...HistoryForms.event(traced.recorded),
    checks: traced.checks.map((check) => ({ ...check })),
    before: traced.before.map((view) => HistoryForms.person(project, view)),
    after: traced.after.map((view) => HistoryForms.person(project, view)),
    warnings: traced.warnings.map(HistoryForms.warning),
  }
})

const historyOf = Effect.fnUntraced(function* (
  project: ProjectId,
  { distinct_id, at }: { readonly distinct_id: string; readonly at?: string | undefined },
) {
  const point = yield* pointOf(project, at)
  return HistoryForms.history(
    project,
    yield* TimeTravel.story(project, DistinctId(distinct_id), point),
  )
})

const diff = Effect.fnUntraced(function* (
  project: ProjectId,
  asked: {
    readonly from: string
    readonly to?: string | undefined
    readonly distinct_id?: string | undefined
  },
) {
  const question = {
    from: yield* Point.resolve(project, asked.from, "from"),
    to: yield* pointOf(project, asked.to, "to"),
    id: asked.distinct_id === undefined ? undefined : DistinctId(asked.distinct_id),
  }
  return HistoryForms.difference(project, yield* TimeTravel.diff(project, question, eventsMax))
})

/** Who and why may be given, as they would be for the retraction itself; they change nothing. */
const retractionFields = new Set(["event_uuid", "by", "reason"])

const retraction = Effect.fnUntraced(function* (project: ProjectId, body: Json.JsonObject) {
  const unknown = Object.keys(body).find((field) => !retractionFields.has(field))
  if (unknown !== undefined) return yield* invalid(unknown, "no such field")
  const decoded = OperatorCommand.decodeRetraction({ by: "preview", reason: "preview", ...body })
  const { eventUuid } = yield* orInvalid(decoded)
  return HistoryForms.difference(project, yield* TimeTravel.retraction(project, eventUuid))
})

const bisect = Effect.fnUntraced(function* (project: ProjectId, condition: string) {
  const words = Bisect.wordsOf(condition)
  const { position, isLasting } = yield* TimeTravel.bisect(project, words, eventsMax)
  return { position: position ?? null, lasting: isLasting }
})

const verified = Effect.fnUntraced(function* (project: ProjectId, text: string | undefined) {
  const from = yield* pointOf(project, text, "from")
  const { isOk, position, stateHash, reason, persons } = yield* verify(
    project,
    from === undefined ? {} : { from },
  )
  return {
    ok: isOk,
    position,
    state_hash: stateHash,
    ...(reason !== undefined && { reason, persons: [...persons] }),
  }
})

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
    const services = yield* Effect.context<ReadModel | EventLog | Projector>()
    const asked = <A, E extends Parameters<typeof ApiFailure.ofPast>[0]>(
      answer: (project: ProjectId) => Effect.Effect<A, E, ReadModel | EventLog>,
    ) =>
      Effect.flatMap(settled(), answer).pipe(
        Effect.mapError(ApiFailure.ofPast),
        Effect.provideContext(services),
      )
    return handlers.handleAll({
      why: ({ query }) => asked((project) => why(project, query)),
      undo: ({ query }) => asked((project) => undo(project, query)),
      culprits: ({ query }) => asked((project) => culprits(project, query)),
      settings: ({ query }) => asked((project) => settings(project, query)),
      trace: ({ query }) => asked((project) => trace(project, query.event)),
      history: ({ query }) => asked((project) => historyOf(project, query)),
      diff: ({ query }) => asked((project) => diff(project, query)),
      bisect: ({ query }) => asked((project) => bisect(project, query.condition)),
      whatIf: ({ payload }) => asked((project) => whatIf(project, payload)),
      retraction: ({ payload }) => asked((project) => retraction(project, payload)),
      verify: ({ query }) => asked((project) => verified(project, query.from)),
    })
  }),
)
