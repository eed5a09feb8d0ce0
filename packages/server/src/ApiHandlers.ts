import { Effect } from "effect"
import { HttpEffect, HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "@onymous/api/Api"
import { CurrentProject } from "@onymous/api/Authorization"
import { Position } from "@onymous/identity/Position"
import { ProjectId } from "@onymous/identity/ProjectId"
import type { EventLog, EventLogError } from "@onymous/log/EventLog"
import { Persons, type PersonsError } from "@onymous/projector/Persons"
import { Projector, type NotReached } from "@onymous/projector/Projector"
import type { NotUnderstood } from "@onymous/timetravel/Point"
import { positionHeader } from "./Capture.ts"
import * as Failure from "./Failure.ts"
import * as Questions from "./Questions.ts"

const waitSeconds = 10

/** Answers with the checkpoint, once the persons are where the question wants them. */
const reached = Effect.fnUntraced(function* (project: ProjectId, position: number | undefined) {
  const persons = yield* Persons
  const projector = yield* Projector
  if (position === undefined) return yield* persons.checkpoint(project)
  return yield* projector.reached(project, Position(position), waitSeconds)
})

/** Every answer is about the project that the key opens, and says how far its persons are. */
const asked = <
  A extends object,
  E extends EventLogError | PersonsError | NotReached | NotUnderstood,
  R,
>(
  question: { readonly min_position?: number | undefined },
  answer: (project: ProjectId, position: number) => Effect.Effect<A, E, R>,
) =>
  Effect.gen(function* () {
    const project = ProjectId((yield* CurrentProject).id)
    const position = (yield* reached(project, question.min_position))?.position ?? 0
    yield* HttpEffect.appendPreResponseHandler((_, response) =>
      Effect.succeed(HttpServerResponse.setHeader(response, positionHeader, `${position}`)),
    )
    return { ...(yield* answer(project, position)), position }
  }).pipe(Effect.mapError(Failure.ofQuestion))

/** Answers what the API asks, from the read model and the log. */
export const layer = HttpApiBuilder.group(
  Api,
  "project",
  Effect.fnUntraced(function* (handlers) {
    const services = yield* Effect.context<Persons | Projector | EventLog>()
    const provided = Effect.provideContext(services)
    return handlers.handleAll({
      persons: ({ query }) =>
        provided(asked(query, (project) => Questions.persons(project, query))),
      events: ({ query }) =>
        provided(asked(query, (project, at) => Questions.events(project, query, at))),
      warnings: ({ query }) =>
        provided(asked(query, (project) => Questions.warnings(project, query))),
      waiting: ({ query }) =>
        provided(asked(query, (project) => Questions.waiting(project, query))),
      policy: ({ query }) => provided(asked(query, (project) => Questions.policy(project, query))),
      status: ({ query }) => provided(asked(query, Questions.status)),
    })
  }),
)
