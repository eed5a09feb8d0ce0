import { Clock, Effect, Result } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { randomUUID } from "node:crypto"
import { Api } from "@onymous/api/Api"
import { CurrentProject } from "@onymous/api/Authorization"
import { DistinctId } from "@onymous/identity/DistinctId"
import * as Event from "@onymous/identity/Event"
import * as Json from "@onymous/identity/Json"
import * as Policy from "@onymous/identity/Policy"
import { ProjectId } from "@onymous/identity/ProjectId"
import type { EventLog } from "@onymous/log/EventLog"
import type { Persons } from "@onymous/projector/Persons"
import * as Bisect from "@onymous/timetravel/Bisect"
import * as Difference from "@onymous/timetravel/Difference"
import type { History } from "@onymous/timetravel/History"
import * as Load from "@onymous/timetravel/Load"
import * as Point from "@onymous/timetravel/Point"
import * as Story from "@onymous/timetravel/Story"
import * as Trace from "@onymous/timetravel/Trace"
import { verify } from "@onymous/timetravel/Verify"
import * as Views from "@onymous/timetravel/Views"
import * as WhatIf from "@onymous/timetravel/WhatIf"
import * as Why from "@onymous/timetravel/Why"
import * as Failure from "./Failure.ts"

/** The longest log that is held in memory for a question. */
const eventsMax = 500_000

const pointIn = Effect.fnUntraced(function* (history: History, text: string | undefined) {
  if (text === undefined) return history.head
  const point = Point.parse(history, text, yield* Clock.currentTimeMillis)
  return yield* Effect.fromResult(Result.mapError(point, Failure.ofBody))
})

/** The fields of a what-if, each read or refused by its name. */
const editOf = Effect.fnUntraced(function* (history: History, body: Json.JsonObject) {
  const invalid = (field: string, expected: string) =>
    Effect.fail(Failure.ofBody({ field, expected }))
  const without = Json.get(body, "without") ?? []
  if (!Array.isArray(without)) return yield* invalid("without", "a list of uuids")
  const unknown = without.find((uuid) => history.eventOf(String(uuid)) === undefined)
  if (unknown !== undefined) return yield* invalid("without", "uuids of events in the log")
  const insert = Json.get(body, "insert") ?? []
  if (!Array.isArray(insert)) return yield* invalid("insert", "a list of events")
  const events: Array<{ readonly event: Event.Event }> = []
  for (const [index, value] of insert.entries()) {
    const decoded = Result.mapError(Event.decode(value, randomUUID), ({ field, expected }) =>
      Failure.ofBody({ field: `insert[${index}].${field}`, expected }),
    )
    events.push(yield* Effect.fromResult(decoded))
  }
  const given = Json.get(body, "policy")
  const policy =
    given === undefined
      ? undefined
      : yield* Effect.fromResult(Result.mapError(Policy.decode(given), Failure.ofBody))
  const from = Json.get(body, "from")
  const edit: WhatIf.Edit = {
    without: new Set(without.map((uuid) => String(uuid).toLowerCase())),
    insert: events,
    ...(policy !== undefined && { policy }),
    ...(from !== undefined && { from: yield* pointIn(history, String(from)) }),
  }
  return edit
})

const traceOf = Effect.fnUntraced(function* (history: History, text: string) {
  const recorded = history.eventAt(yield* pointIn(history, text))
  if (recorded === undefined) {
    return yield* Effect.fail(Failure.ofBody({ field: "event", expected: "an event in the log" }))
  }
  const { checks, before, after, warnings } = Trace.trace(history, recorded)
  return {
    ...Views.event(recorded),
    checks: checks.map((check) => ({ ...check })),
    before: before.map((view) => Views.person(history.project, view)),
    after: after.map((view) => Views.person(history.project, view)),
    warnings: warnings.map(Views.warning),
  }
})

const historyOf = Effect.fnUntraced(function* (
  history: History,
  id: string,
  at: string | undefined,
) {
  const story = Story.story(history, DistinctId(id), yield* pointIn(history, at))
  return {
    history: story.map(({ position, event, what, after }) => ({
      position,
      event_uuid: event?.event.uuid ?? null,
      event: event === undefined ? null : Views.nameOf(event.event),
      what,
      after: after === undefined ? null : Views.person(history.project, after),
    })),
  }
})

const bisectOf = Effect.fnUntraced(function* (history: History, condition: string) {
  const parsed = Bisect.parse(history, condition.trim().split(/\s+/))
  const { position, isLasting } = Bisect.bisect(
    yield* Effect.fromResult(Result.mapError(parsed, Failure.ofBody)),
  )
  return { position: position ?? null, lasting: isLasting }
})

const whatIfOf = Effect.fnUntraced(function* (history: History, body: Json.JsonObject) {
  const edit = yield* editOf(history, body)
  const difference = Views.difference(history.project, WhatIf.whatIf(history, edit))
  return { ...difference, blast_radius: WhatIf.blastRadius(history, edit) }
})

const current = Effect.map(CurrentProject, ({ id }) => ProjectId(id))

/** Answers about the past, from the project's log. */
export const layer = HttpApiBuilder.group(
  Api,
  "past",
  Effect.fnUntraced(function* (handlers) {
    const services = yield* Effect.context<Persons | EventLog>()
    const asked = <A, E extends Parameters<typeof Failure.ofPast>[0]>(
      answer: (history: History) => Effect.Effect<A, E>,
    ) =>
      Effect.flatMap(current, (project) => Load.history(project, eventsMax)).pipe(
        Effect.flatMap(answer),
        Effect.mapError(Failure.ofPast),
        Effect.provideContext(services),
      )
    return handlers.handleAll({
      why: ({ query: { a, b, at } }) =>
        asked((history) =>
          Effect.map(pointIn(history, at), (point) =>
            Views.why(Why.why(history, DistinctId(a), DistinctId(b), point)),
          ),
        ),
      trace: ({ query }) => asked((history) => traceOf(history, query.event)),
      history: ({ query }) => asked((history) => historyOf(history, query.distinct_id, query.at)),
      diff: ({ query }) =>
        asked((history) =>
          Effect.gen(function* () {
            const [from, to] = [query.from, query.to]
            const points = [yield* pointIn(history, from), yield* pointIn(history, to)] as const
            return Views.difference(history.project, Difference.diff(history, ...points))
          }),
        ),
      bisect: ({ query }) => asked((history) => bisectOf(history, query.condition)),
      whatIf: ({ payload }) => asked((history) => whatIfOf(history, payload)),
      verify: () =>
        Effect.flatMap(current, verify).pipe(
          Effect.map(({ isOk, position, stateHash, reason }) => ({
            ok: isOk,
            position,
            state_hash: stateHash,
            ...(reason !== undefined && { reason }),
          })),
          Effect.mapError(Failure.ofPast),
          Effect.provideContext(services),
        ),
    })
  }),
)
