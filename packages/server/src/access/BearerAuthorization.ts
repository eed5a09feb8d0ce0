import { Effect, Layer, Redacted } from "effect"
import { HttpRouter } from "effect/http"
import { HttpApiMiddleware } from "effect/http-api"
import { Unauthorized } from "@onymous/api/ApiError"
import {
  Authorization,
  CurrentProject,
  OperatorAuthorization,
  QuestionErrors,
} from "@onymous/api/Authorization"
import { ofSchema } from "@onymous/identity/schema/SchemaInvalid"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import * as ApiFailure from "../http/ApiFailure.ts"
import * as Keys from "./Keys.ts"
import { Sessions } from "./Sessions.ts"

const unauthorized = new Unauthorized({
  message:
    "Send the secret key of this project, or the operator's, as `Authorization: Bearer onk_…`.",
})

const onlyLooks = new Unauthorized({
  message: "This link is for looking alone: ask whoever gave it to you, or send a secret key.",
})

/** Questions that have a body. */
const questionsWithBody: ReadonlySet<string> = new Set(["whatIf", "previewRetraction"])

/** True for an endpoint that changes nothing. */
const isQuestion = ({
  method,
  identifier,
}: {
  readonly method: string
  readonly identifier: string
}) => method === "GET" || questionsWithBody.has(identifier)

/** Only the operator may know which projects there are. */
export const noProject = (id: string) => new Unauthorized({ message: `There is no project ${id}.` })

/**
 * Lets in who has the key of the project in the path, or the operator's, or has signed in to it; another project
 * looks as if there were none.
 */
export const layer: Layer.Layer<Authorization, never, EventLog | Sessions> = Layer.effect(
  Authorization,
  Effect.gen(function* () {
    const log = yield* EventLog
    const sessions = yield* Sessions
    const isOperators = yield* Keys.isOperators
    return Authorization.of({
      bearer: Effect.fnUntraced(function* (answer, { credential, endpoint }) {
        const { project: id = "" } = yield* HttpRouter.params
        const project = ProjectId(id)
        // Asked each time, so that a key that has ended opens nothing from then on.
        const hashes = yield* Effect.mapError(log.keyHashes(project), () => ApiFailure.unavailable)
        const key = Redacted.value(credential)
        const session = yield* sessions.of(key)
        if (session !== undefined) {
          if (session.project !== project || hashes === undefined) return yield* unauthorized
          if (session.isReadOnly && !isQuestion(endpoint)) return yield* onlyLooks
          return yield* Effect.provideService(answer, CurrentProject, { id: project })
        }
        const isOperator = isOperators(key)
        if (hashes === undefined) return yield* isOperator ? noProject(id) : unauthorized
        if (!isOperator && !Keys.isOneOf(hashes, key)) return yield* unauthorized
        return yield* Effect.provideService(answer, CurrentProject, { id: project })
      }),
    })
  }),
)

const notOperator = new Unauthorized({
  message:
    "Send the operator's key as `Authorization: Bearer …`: `onymous serve --operator-key` sets it.",
})

/** Lets in who has the operator's key. */
export const operator: Layer.Layer<OperatorAuthorization> = Layer.effect(
  OperatorAuthorization,
  Effect.map(Keys.isOperators, (isOperators) =>
    OperatorAuthorization.of({
      bearer: (answer, { credential }) =>
        isOperators(Redacted.value(credential)) ? answer : notOperator,
    }),
  ),
)

const refusedBySchema = HttpApiMiddleware.layerSchemaErrorTransform(
  QuestionErrors,
  ({ kind, cause }) =>
    Effect.fail(ApiFailure.ofBody(ofSchema(cause, kind === "Payload" ? "body" : "query"))),
)

/** Effect answers a body of another type in plain text, which no client of the API reads. */
const otherType = (expected: Iterable<string>) =>
  ApiFailure.ofBody({ field: "content-type", expected: [...expected].join(" or ") })

/** Names the field of a question that the schema refused, or the header that says what a body is. */
export const questionErrors: Layer.Layer<QuestionErrors> = Layer.effect(
  QuestionErrors,
  Effect.map(QuestionErrors, (named) =>
    QuestionErrors.of((answer, asked) =>
      Effect.flatMap(named(answer, asked), (response) =>
        response.status === 415
          ? Effect.fail(otherType(asked.endpoint.payload.keys()))
          : Effect.succeed(response),
      ),
    ),
  ),
).pipe(Layer.provide(refusedBySchema))
