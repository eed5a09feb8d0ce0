import { Effect } from "effect"
import { HttpEffect, HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "@onymous/api/Api"
import { InvalidQuestion, NotReached, Unavailable } from "@onymous/api/ApiError"
import { CurrentProject } from "@onymous/api/Authorization"
import { DistinctId } from "@onymous/identity/DistinctId"
import { cleanText } from "@onymous/identity/Json"
import { Position } from "@onymous/identity/Position"
import { ProjectId } from "@onymous/identity/ProjectId"
import { EventLog, type EventLogError } from "@onymous/log/EventLog"
import { Persons, type PersonsError } from "@onymous/projector/Persons"
import { Projector, type NotReached as Behind } from "@onymous/projector/Projector"
import { positionHeader } from "./Capture.ts"
import * as Views from "./Views.ts"

const waitSeconds = 10

/** As many as an answer has when the question does not say. */
const defaultLimit = 100

const failure = (error: EventLogError | PersonsError | Behind) => {
  if (error._tag === "NotReached") {
    return new NotReached({ position: error.position, checkpoint: error.checkpoint })
  }
  if (error.reason._tag === "InvalidCursor") {
    return new InvalidQuestion({ field: "cursor", expected: "the `next` of an earlier answer" })
  }
  return new Unavailable({ message: "The database does not answer." })
}

/** Answers with the checkpoint, once the persons are where the question wants them. */
const reached = Effect.fnUntraced(function* (project: ProjectId, position: number | undefined) {
  const persons = yield* Persons
  const projector = yield* Projector
  if (position === undefined) return yield* persons.checkpoint(project)
  return yield* projector.reached(project, Position(position), waitSeconds)
})

/** Every answer is about the project that the key opens, and says how far its persons are. */
const asked = <A, E extends EventLogError | PersonsError | Behind, R>(
  question: { readonly min_position?: number | undefined },
  answer: (project: ProjectId, position: number) => Effect.Effect<A, E, R>,
) =>
  Effect.gen(function* () {
    const project = ProjectId((yield* CurrentProject).id)
    const position = (yield* reached(project, question.min_position))?.position ?? 0
    yield* HttpEffect.appendPreResponseHandler((_, response) =>
      Effect.succeed(HttpServerResponse.setHeader(response, positionHeader, `${position}`)),
    )
    return yield* answer(project, position)
  }).pipe(Effect.mapError(failure))

interface PersonsQuestion {
  readonly distinct_id?: string | undefined
  readonly search?: string | undefined
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}

const personsOf = Effect.fnUntraced(function* (project: ProjectId, query: PersonsQuestion) {
  const persons = yield* Persons
  if (query.distinct_id !== undefined) {
    const found = yield* persons.find(project, DistinctId(query.distinct_id))
    return { results: found === undefined ? [] : [Views.person(found)], next: null }
  }
  const { results, next } = yield* persons.list({
    project,
    limit: query.limit ?? defaultLimit,
    ...(query.search !== undefined && { search: cleanText(query.search) }),
    ...(query.cursor !== undefined && { cursor: cleanText(query.cursor) }),
  })
  return { results: results.map(Views.person), next: next ?? null }
})

interface EventsQuestion {
  readonly distinct_id?: string | undefined
  readonly limit?: number | undefined
  readonly before?: number | undefined
}

const eventsOf = Effect.fnUntraced(function* (
  project: ProjectId,
  query: EventsQuestion,
  checkpoint: number,
) {
  const log = yield* EventLog
  const persons = yield* Persons
  const limit = query.limit ?? defaultLimit
  const id = query.distinct_id === undefined ? undefined : DistinctId(query.distinct_id)
  const person = id && (yield* persons.find(project, id))
  const ids = id && (person?.distinctIds ?? [id])
  const page = yield* log.readPayloads({
    project,
    limit,
    descending: true,
    ...(ids !== undefined && { distinctIds: ids }),
    ...(query.before !== undefined && { before: Position(query.before) }),
  })
  const dropped = yield* persons.dropped(
    project,
    page.map(({ position }) => position),
  )
  const owners = new Map(person?.distinctIds.map((each) => [each, person.id]))
  for (const { event } of page) {
    if (event._tag !== "Captured" || owners.has(event.distinctId)) continue
    const owner = yield* persons.find(project, event.distinctId)
    if (owner !== undefined) owners.set(event.distinctId, owner.id)
  }
  const results = page.flatMap((recorded) => Views.event(recorded, { checkpoint, dropped, owners }))
  return { results, next: page.length === limit ? (page.at(-1)?.position ?? null) : null }
})

interface WarningsQuestion {
  readonly type?: string | undefined
  readonly search?: string | undefined
  readonly distinct_id?: string | undefined
}

const warningsOf = Effect.fnUntraced(function* (project: ProjectId, query: WarningsQuestion) {
  const groups = yield* (yield* Persons).warningGroups({
    project,
    ...(query.type !== undefined && { type: cleanText(query.type) }),
    ...(query.search !== undefined && { search: cleanText(query.search) }),
    ...(query.distinct_id !== undefined && { distinctId: DistinctId(query.distinct_id) }),
  })
  return { results: groups.map(Views.warningGroup) }
})

const statusOf = Effect.fnUntraced(function* (project: ProjectId) {
  const { position: head, logId } = yield* (yield* EventLog).head(project)
  const checkpoint = yield* (yield* Persons).checkpoint(project)
  const position = checkpoint?.position ?? 0
  return {
    project,
    head,
    checkpoint: position,
    lag: Math.max(0, head - position),
    state_hash: checkpoint?.stateHash ?? Views.emptyStateHash,
    log_id: logId,
  }
})

/** Answers what the API asks, from the read model and the log. */
export const layer = HttpApiBuilder.group(
  Api,
  "project",
  Effect.fnUntraced(function* (handlers) {
    const services = yield* Effect.context<Persons | Projector | EventLog>()
    return handlers.handleAll({
      persons: ({ query }) =>
        asked(query, (project, position) =>
          Effect.map(personsOf(project, query), (answer) => ({ ...answer, position })),
        ).pipe(Effect.provideContext(services)),
      events: ({ query }) =>
        asked(query, (project, position) =>
          Effect.map(eventsOf(project, query, position), (answer) => ({ ...answer, position })),
        ).pipe(Effect.provideContext(services)),
      warnings: ({ query }) =>
        asked(query, (project, position) =>
          Effect.map(warningsOf(project, query), (answer) => ({ ...answer, position })),
        ).pipe(Effect.provideContext(services)),
      status: ({ query }) => asked(query, statusOf).pipe(Effect.provideContext(services)),
    })
  }),
)
