import { Effect, Stream } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "@onymous/api/Api"
import { CurrentProject } from "@onymous/api/Authorization"
import { both, none } from "@onymous/api/forms/ImportForms"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import * as EventLine from "@onymous/log/file/EventLine"
import * as TextLines from "@onymous/log/file/TextLines"
import * as ApiFailure from "../http/ApiFailure.ts"
import * as LogExport from "./LogExport.ts"
import * as LogImport from "./LogImport.ts"
import * as LogQuestions from "./questions/LogQuestions.ts"

/** Appends lines to the log as they come, a thousand at a time. */
const take = <E>(
  log: EventLog["Service"],
  bytes: Stream.Stream<Uint8Array, E>,
  place: LogImport.Place,
) =>
  TextLines.fromBytes(bytes).pipe(
    Stream.grouped(LogImport.batchSize),
    Stream.runFoldEffect(
      () => none,
      (before, batch) =>
        Effect.map(
          LogImport.take(batch, { ...place, linesBefore: place.linesBefore + before.lines }),
          (next) => both(before, next),
        ),
    ),
    Effect.provideService(EventLog, log),
    Effect.mapError(() => ApiFailure.unavailable),
  )

/** Exports and imports the log of a project, and lists its events; an export is read as fast as its client reads. */
export const layer = HttpApiBuilder.group(
  Api,
  "log",
  Effect.fnUntraced(function* (handlers) {
    const log = yield* EventLog
    const { page } = LogQuestions.of(log)
    return handlers.handleAll({
      page: ({ params, query }) =>
        Effect.mapError(page({ params, query }), () => ApiFailure.unavailable),
      export: Effect.fnUntraced(function* () {
        const id = ProjectId((yield* CurrentProject).id)
        const lines = yield* Effect.mapError(
          Effect.provideService(LogExport.linesOf(id), EventLog, log),
          () => ApiFailure.unavailable,
        )
        // The status is sent already, so a failure cuts the response off, which shows the client that it is incomplete.
        return Stream.encodeText(lines).pipe(
          Stream.tapError((error) => Effect.logError(`The export of project ${id} failed`, error)),
          Stream.orDie,
        )
      }),
      import: Effect.fnUntraced(function* ({ payload, query }) {
        const { id: project } = yield* CurrentProject
        const { lines_before: linesBefore = 0 } = query
        return yield* take(log, payload, { project, linesBefore, isOnly: true })
      }),
    })
  }),
)

/** Appends lines for the operator, to all projects that they name. */
export const layerImport = HttpApiBuilder.group(
  Api,
  "importing",
  Effect.fnUntraced(function* (handlers) {
    const log = yield* EventLog
    return handlers.handleAll({
      import: ({ payload, query }) => {
        const { project = EventLine.projectByDefault, lines_before: linesBefore = 0 } = query
        return take(log, payload, { project, linesBefore })
      },
    })
  }),
)
