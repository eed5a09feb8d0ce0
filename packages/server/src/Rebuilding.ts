import { Effect, Option, Stream } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { ProjectId } from "@onymous/identity/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { Persons } from "@onymous/projector/Persons"
import { type Progress, Projector } from "@onymous/projector/Projector"
import * as Keys from "./Keys.ts"
import * as Query from "./Query.ts"

const bearer = /^Bearer (.+)$/i

const refused = (status: 401 | 503, tag: string, message: string) =>
  HttpServerResponse.jsonUnsafe({ _tag: tag, message }, { status })

const line = ({ position, head, outcome }: Progress): string =>
  `${JSON.stringify({
    position,
    head,
    ...(outcome && {
      state_hash: outcome.stateHash,
      published: outcome.isPublished,
      compared_at: outcome.comparison.position,
      same: outcome.comparison.isSame,
      differing_persons: outcome.comparison.persons,
    }),
  })}\n`

/**
 * `POST /api/projects/:project/rebuild?verify_only=true` with the secret key: a line of JSON for each
 * step, the last one with the outcome. Who hangs up cancels the rebuild, which leaves nothing behind.
 */
export const layer = HttpRouter.use(
  Effect.fnUntraced(function* (router) {
    const services = yield* Effect.context<EventLog | Persons>()
    const log = yield* EventLog
    const { rebuild } = yield* Projector
    const handler = Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      const { project: id = "" } = yield* HttpRouter.params
      const key = bearer.exec(request.headers["authorization"] ?? "")?.[1] ?? ""
      const projects = yield* Effect.option(log.projects)
      if (Option.isNone(projects)) {
        return refused(503, "Unavailable", "The database does not answer.")
      }
      const project = projects.value.find((each) => each.id === id)
      if (project === undefined || !Keys.isKeyOf(project, key)) {
        const message = "Send the secret key of this project as `Authorization: Bearer onk_…`."
        return refused(401, "Unauthorized", message)
      }
      const verifyOnly = Query.of(request).get("verify_only") === "true"
      const steps = rebuild(ProjectId(id), { verifyOnly }).pipe(
        Stream.map(line),
        Stream.encodeText,
        Stream.provideContext(services),
      )
      return HttpServerResponse.stream(steps, { contentType: "application/x-ndjson" })
    })
    yield* router.add("POST", "/api/projects/:project/rebuild", handler)
  }),
)
