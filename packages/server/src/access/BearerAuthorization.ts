import { Effect, Layer, Redacted } from "effect"
import { HttpRouter } from "effect/http"
import { type HttpApiEndpoint, HttpApiMiddleware } from "effect/http-api"
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
import * as Utf8 from "../http/Utf8.ts"
import * as Keys from "./Keys.ts"
import { Sessions } from "./Sessions.ts"

const unauthorized = new Unauthorized({
  message:
    "Send the secret key of this project, or the operator's, as `Authorization: Bearer onk_…`.",
})

const onlyLooks = new Unauthorized({
  message: "This link is for looking alone: ask whoever gave it to you, or send a secret key.",
})

/** The questions that are sent by POST, because they have a body. */
const questionsWithBody: ReadonlySet<string> = new Set(["whatIf", "previewRetraction"])

/** True for an endpoint that changes nothing. */
const isQuestion = ({
  method,
  identifier,
}: {
  readonly method: string
  readonly identifier: string
}) => method === "GET" || questionsWithBody.has(identifier)

/** The answer for an absent project, and for one that the key does not open: only the operator may know which exist. */
export const noProject = (id: string) => new Unauthorized({ message: `There is no project ${id}.` })

/**
 * Lets a request in that has a key of the project in its path, the operator's key, or a session of the project. Any
 * other project looks absent.
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
        // Read at each request, so that an ended key opens nothing any more.
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

/** Lets a request in that has the operator's key. */
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

/** The refusal of a body's type, because Effect's own is plain text, which no client of the API reads. */
const otherType = (expected: Iterable<string>) =>
  ApiFailure.ofBody({ field: "content-type", expected: [...expected].join(" or ") })

/** True for an endpoint whose body is read as a whole; a body of lines is read as it comes, and each line checked. */
const hasWholeBody = ({ payload }: { readonly payload: HttpApiEndpoint.PayloadMap }): boolean =>
  [...payload.values()].some(({ encoding }) => encoding._tag !== "Stream")

/** Turns a refusal by a schema into one that names the field, the header content-type, or a body that is no UTF-8. */
export const questionErrors: Layer.Layer<QuestionErrors> = Layer.effect(
  QuestionErrors,
  Effect.map(QuestionErrors, (named) =>
    QuestionErrors.of((answer, asked) =>
      Effect.andThen(
        hasWholeBody(asked.endpoint) ? Utf8.checkBody : Effect.void,
        Effect.flatMap(named(answer, asked), (response) =>
          response.status === 415
            ? Effect.fail(otherType(asked.endpoint.payload.keys()))
            : Effect.succeed(response),
        ),
      ),
    ),
  ),
).pipe(Layer.provide(refusedBySchema))
