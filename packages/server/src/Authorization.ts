import { Effect, Layer, Redacted, type Schema, SchemaIssue } from "effect"
import { HttpRouter } from "effect/http"
import { HttpApiMiddleware } from "effect/http-api"
import { InvalidQuestion, Unauthorized, Unavailable } from "@onymous/api/ApiError"
import { Authorization, CurrentProject, QuestionErrors } from "@onymous/api/Authorization"
import { EventLog } from "@onymous/log/EventLog"
import * as Keys from "./Keys.ts"

const unauthorized = new Unauthorized({
  message: "Send the secret key of this project as `Authorization: Bearer onk_…`.",
})

/** Lets in who has the key of the project in the path; another project looks as if there were none. */
export const layer: Layer.Layer<Authorization, never, EventLog> = Layer.effect(
  Authorization,
  Effect.gen(function* () {
    const log = yield* EventLog
    return Authorization.of({
      bearer: Effect.fnUntraced(function* (answer, { credential }) {
        const { project: id } = yield* HttpRouter.params
        const projects = yield* Effect.mapError(
          log.projects,
          () => new Unavailable({ message: "The database does not answer." }),
        )
        const project = projects.find((each) => each.id === id)
        const key = Redacted.value(credential)
        if (project === undefined || !Keys.isKeyOf(project, key)) return yield* unauthorized
        return yield* Effect.provideService(answer, CurrentProject, { id: project.id })
      }),
    })
  }),
)

const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1()

/** `Expected an integer` at `limit` as the field and what was expected. */
const toQuestion = ({ issue }: Schema.SchemaError, whole: string): InvalidQuestion => {
  const [first] = issuesOf(issue).issues
  const field = first?.path?.map(String).join(".")
  return new InvalidQuestion({
    field: field || whole,
    expected: first?.message.replace(/^Expected /, "") ?? "something else",
  })
}

/** Names the field of a question that the schema refused. */
export const questionErrors: Layer.Layer<QuestionErrors> =
  HttpApiMiddleware.layerSchemaErrorTransform(QuestionErrors, ({ kind, cause }) =>
    Effect.fail(toQuestion(cause, kind === "Payload" ? "body" : "query")),
  )
