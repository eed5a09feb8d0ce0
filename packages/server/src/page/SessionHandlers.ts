import { Duration, Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "@onymous/api/Api"
import { Unauthorized } from "@onymous/api/ApiError"
import { CurrentProject } from "@onymous/api/Authorization"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { Freshness } from "@onymous/persons/reading/Freshness"
import { idleMax, Sessions } from "../access/Sessions.ts"
import * as ApiFailure from "../http/ApiFailure.ts"
import * as DemoLog from "./DemoLog.ts"

const wrongCode = new Unauthorized({
  message: "This code is wrong, or was used: a code works once, and until the server ends.",
})

/** Signs in with a code. */
export const layer = HttpApiBuilder.group(
  Api,
  "session",
  Effect.fnUntraced(function* (handlers) {
    const sessions = yield* Sessions
    return handlers.handleAll({
      signIn: Effect.fnUntraced(function* ({ payload }) {
        const session = yield* sessions.open(payload.code)
        if (session === undefined) return yield* wrongCode
        return {
          token: session.token,
          project: session.project,
          read_only: session.isReadOnly,
          idle_seconds: Duration.toSeconds(idleMax),
        }
      }),
    })
  }),
)

/** Makes codes for colleagues, and appends the demo to an empty log. */
export const layerActs = HttpApiBuilder.group(
  Api,
  "page",
  Effect.fnUntraced(function* (handlers) {
    const sessions = yield* Sessions
    const log = yield* EventLog
    const freshness = yield* Freshness
    return handlers.handleAll({
      link: Effect.fnUntraced(function* ({ payload: { read_only } }) {
        const project = ProjectId((yield* CurrentProject).id)
        const code = yield* sessions.codeFor({ project, isReadOnly: read_only })
        return { code, path: `/#code=${code}`, read_only }
      }),
      demo: Effect.fnUntraced(function* ({ payload }) {
        const project = ProjectId((yield* CurrentProject).id)
        return yield* DemoLog.append(project, payload.ends_at).pipe(
          Effect.provideService(EventLog, log),
          // Waits for the persons, so that the next question sees the whole demo.
          Effect.tap(({ position }) => freshness.reach(project, position)),
          Effect.mapError(ApiFailure.ofQuestion),
        )
      }),
    })
  }),
)
