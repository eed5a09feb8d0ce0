import { Console, Effect, Option, Stream } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { existsSync, statSync } from "node:fs"
import { badLinesToldMax, both, type Imported, none } from "@onymous/api/forms/ImportForms"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import * as EventLine from "@onymous/log/file/EventLine"
import * as TextLines from "@onymous/log/file/TextLines"
import * as LogImport from "@onymous/server/api/LogImport"
import * as AskingError from "../../asking/AskingError.ts"
import type { Found } from "../../asking/ServerFile.ts"
import * as Source from "../../asking/Source.ts"
import { catchUp } from "../../CaughtUp.ts"
import { lines } from "../../input/FileLines.ts"
import { onNewDatabase } from "../../flags/DatabaseFlags.ts"
import { acting } from "../../flags/SourceFlags.ts"
import { CouldNot, SaysNo } from "../../CommandError.ts"
import * as LostConnection from "../../LostConnection.ts"

/** Appends a file of events. The log skips events that it has, so the command can run again. */
export const importFile = Command.make(
  "import",
  {
    file: Argument.String("file").pipe(Argument.withDescription("NDJSON, or - for standard input")),
    ...acting,
    project: acting.project.pipe(
      Flag.withDescription(
        `Project of lines that name none; ${EventLine.projectByDefault} by default, as for replay`,
      ),
    ),
  },
  Effect.fn(function* ({ file, ...given }) {
    // Checked before a database is made, so that a misspelt name leaves nothing behind.
    if (file !== "-" && !existsSync(file)) {
      return yield* new CouldNot({ message: `There is no file ${file}.` })
    }
    if (file !== "-" && statSync(file).isDirectory()) {
      return yield* new CouldNot({ message: `${file} is a directory: expected a file of events` })
    }
    const project = Option.getOrElse(given.project, () => EventLine.projectByDefault)
    const source = yield* Source.of(given)
    const reading: Reading = { file, project, imported: none }
    const program =
      source._tag === "Server"
        ? onServer(source.server, reading)
        : onNewDatabase(given, onServices(reading))
    const begun = () => (reading.imported.lines > 0 ? goesOn(reading.imported) : undefined)
    yield* LostConnection.explained(program, begun).pipe(
      Effect.onInterrupt(() => Console.error(goesOn(reading.imported))),
    )
    const { lines: read, added, known, reused, bad, projects } = reading.imported
    yield* Console.log(
      given.json
        ? JSON.stringify({ lines: read, added, known, reused, bad })
        : `${read} lines: ${added} events added${projectsTold(projects)}, ${known} known already${reusedTold(reused)}, ${bad} bad.`,
    )
    if (bad > 0) return yield* new SaysNo({ message: `${bad} lines were not taken.` })
  }),
).pipe(Command.withDescription("Append a file of events to the log"))

/** A file in reading, and the outcome of its lines so far. */
interface Reading {
  readonly file: string
  readonly project: string
  imported: Imported
}

/**
 * Reads the file batch by batch; a batch is appended before the next one is read. Where the connection is lost, it
 * appends the batch again, because the log skips the events that it has.
 */
const readInto = <E, R>(
  reading: Reading,
  take: (batch: ReadonlyArray<string>, place: LogImport.Place) => Effect.Effect<Imported, E, R>,
) =>
  lines(reading.file).pipe(
    Stream.grouped(LogImport.batchSize),
    Stream.runForEach((batch) =>
      Effect.gen(function* () {
        const { imported, project } = reading
        const taken = yield* LostConnection.patiently(
          take(batch, { project, linesBefore: imported.lines }),
        )
        const untold = Math.max(0, badLinesToldMax - imported.bad_lines.length)
        for (const { line, message } of taken.bad_lines.slice(0, untold)) {
          yield* Console.error(`line ${line}: ${message}`)
        }
        reading.imported = both(imported, taken)
      }),
    ),
  )

const onServices = (reading: Reading) =>
  Effect.gen(function* () {
    yield* readInto(reading, LogImport.take)
    const { projects } = reading.imported
    yield* Effect.forEach(projects, (project) => catchUp(ProjectId(project)), { discard: true })
  })

const newline = Buffer.from("\n")

const onServer = Effect.fnUntraced(
  function* (server: Found, reading: Reading) {
    const { make, waitFor } = yield* Effect.promise(() => import("../../asking/ServerQuestions.ts"))
    const questions = yield* make(server)
    const { importing, log } = questions
    // An empty import tells first whether the key is the operator's; a project's key imports into its own project.
    const isOperator = yield* importing.import({ query: {}, payload: Stream.empty }).pipe(
      Effect.as(true),
      Effect.catchTag("Unauthorized", () => Effect.succeed(false)),
    )
    yield* readInto(reading, (batch, { project, linesBefore: lines_before }) => {
      // A line that is no UTF-8 is sent unchanged, so that the server refuses it.
      const bytes = batch.flatMap((line) => [TextLines.bytesOf(line), newline])
      const payload = Stream.fromIterable(bytes)
      return isOperator
        ? importing.import({ query: { project, lines_before }, payload })
        : log.import({ params: { project }, query: { lines_before }, payload })
    })
    const { projects } = reading.imported
    yield* Effect.forEach(projects, (project) => waitFor(questions, { project }), { discard: true })
  },
  (effect, { url }) => Effect.mapError(effect, AskingError.ofAnswer({ url })),
)

const goesOn = ({ added, known }: Imported): string =>
  `${added + known} events are in the log; the same command goes on from there.`

const projectsTold = (projects: ReadonlyArray<string>): string =>
  projects.length === 0 ? "" : ` to ${projects.join(", ")}`

const reusedTold = (reused: number): string =>
  reused === 0 ? "" : ` (${reused} with other contents: the first one holds)`
