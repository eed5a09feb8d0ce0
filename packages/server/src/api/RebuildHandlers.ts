import { Cause, Effect, Queue, Stream } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "@onymous/api/Api"
import { rebuildStep } from "@onymous/api/forms/RebuildForms"
import { CurrentProject } from "@onymous/api/Authorization"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { Projector } from "@onymous/projector/Projector"
import { Editions } from "@onymous/persons/Editions"
import * as Rebuild from "@onymous/projector/rebuild/Rebuild"
import * as ApiFailure from "../http/ApiFailure.ts"

/** The flag is also true without a value. */
interface Question {
  readonly verify_only?: "" | "true" | "false" | undefined
}

type RebuildProject = Projector["Service"]["rebuild"]

const failed = {
  error: { code: "failed", message: "It failed: the log of the server says why." },
} as const

/** Logs the reason of a failed rebuild for the operator, because the client must not learn it. */
const logFailure = (project: ProjectId, cause: Cause.Cause<unknown>) =>
  Stream.fromEffect(
    Effect.as(Effect.logError(`The rebuild of project ${project} failed`, cause), failed),
  )

type Steps = Queue.Queue<Rebuild.Progress, Effect.Error<ReturnType<RebuildProject>> | Cause.Done>

/**
 * Tells a step to the reader, for whom the rebuild waits. It does not wait with its outcome, because nothing interrupts
 * it there: a reader that hangs up without having read would hold it for ever.
 */
const tellOf = Effect.fnUntraced(function* (steps: Steps) {
  const scope = yield* Effect.scope
  return (step: Rebuild.Progress) => {
    const offer = Effect.asVoid(Queue.offer(steps, step))
    return step.outcome === undefined
      ? offer
      : Effect.asVoid(Effect.forkIn(offer, scope, { startImmediately: true }))
  }
})

/** The steps of a rebuild. The rebuild ends when the reader hangs up. */
const stepsOf = (rebuild: RebuildProject, project: ProjectId, verifyOnly: boolean) =>
  Stream.callback<Rebuild.Progress, Effect.Error<ReturnType<RebuildProject>>>(
    Effect.fnUntraced(function* (steps) {
      const tell = yield* tellOf(steps)
      yield* rebuild(project, { isGentle: true, verifyOnly }, tell)
      yield* Queue.end(steps)
    }),
    { bufferSize: 1 },
  )

/**
 * The lines of one rebuild. The response status is sent before the rebuild can fail, so a failure
 * is a line of its own.
 */
const linesOf = (
  rebuild: RebuildProject,
  project: ProjectId,
  { verify_only = "false" }: Question,
) =>
  Stream.map(stepsOf(rebuild, project, verify_only !== "false"), rebuildStep).pipe(
    Stream.catch((error) => {
      const code = ApiFailure.givesWay(error)
      return code === undefined
        ? Stream.fail(error)
        : Stream.succeed({ error: { code, message: error.message } })
    }),
    Stream.catchCauseIf(
      (cause) => !Cause.hasInterrupts(cause),
      (cause) => logFailure(project, cause),
    ),
  )

/**
 * Streams the steps of a rebuild; a reader that hangs up stops the rebuild, which leaves nothing
 * behind.
 */
export const layer = HttpApiBuilder.group(
  Api,
  "rebuilding",
  Effect.fnUntraced(function* (handlers) {
    const { rebuild } = yield* Projector
    const editions = yield* Editions
    return handlers.handleAll({
      rebuild: ({ query }) =>
        Effect.map(CurrentProject, ({ id }) => linesOf(rebuild, ProjectId(id), query)),
      endRebuild: Effect.fnUntraced(function* () {
        const { id } = yield* CurrentProject
        const ended = yield* Rebuild.end(ProjectId(id)).pipe(
          Effect.provideService(Editions, editions),
          Effect.mapError(() => ApiFailure.unavailable),
        )
        return { project: id, ended }
      }),
    })
  }),
)

/** Rebuilds one project after the other; a failed one does not stop the rest. */
export const layerAll = HttpApiBuilder.group(
  Api,
  "rebuildingAll",
  Effect.fnUntraced(function* (handlers) {
    const { rebuild } = yield* Projector
    const log = yield* EventLog
    return handlers.handleAll({
      rebuildAll: Effect.fnUntraced(function* ({ query }) {
        const projects = yield* Effect.mapError(log.projects, () => ApiFailure.unavailable)
        return Stream.flatMap(Stream.fromIterable(projects), ({ id }) =>
          Stream.map(linesOf(rebuild, id, query), (step) => ({ project: id, ...step })),
        )
      }),
    })
  }),
)
