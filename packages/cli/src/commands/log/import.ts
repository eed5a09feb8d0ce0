import { Array as Arr, Clock, Console, Effect, Option, Result, Stream } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { existsSync } from "node:fs"
import type { Incoming } from "@onymous/identity/event/Event"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { ensureProject } from "@onymous/log/EnsureProject"
import * as EventLine from "@onymous/log/file/EventLine"
import { EventLog } from "@onymous/log/EventLog"
import { catchUp } from "../../CaughtUp.ts"
import { lines } from "../../input/FileLines.ts"
import { badLinesToldMax } from "../../input/FileLogs.ts"
import { database, json, onNewDatabase, project } from "../../flags/DatabaseFlags.ts"
import { CouldNot, SaysNo } from "../../CommandError.ts"

/** Lines read and appended together. */
const batchSize = 1000

interface Outcome {
  lines: number
  added: number
  reused: number
  bad: number
  blank: number
  readonly projects: Set<ProjectId>
}

/** Appends a file of events. The log skips events that it has, so the command can run again. */
export const importFile = Command.make(
  "import",
  {
    file: Argument.String("file").pipe(Argument.withDescription("NDJSON, or - for standard input")),
    ...database,
    project: project.pipe(
      Flag.withDescription(
        `Project of lines that name none; ${EventLine.projectByDefault} by default, as for replay`,
      ),
    ),
    json,
  },
  Effect.fn(function* ({ file, json: asJson, project: named, ...location }) {
    const unnamed = Option.getOrElse(named, () => EventLine.projectByDefault)
    const outcome: Outcome = {
      lines: 0,
      added: 0,
      reused: 0,
      bad: 0,
      blank: 0,
      projects: new Set(),
    }
    // Looked at before there is a database: a name that is misspelt leaves nothing behind.
    if (file !== "-" && !existsSync(file)) {
      return yield* new CouldNot({ message: `There is no file ${file}.` })
    }
    const program = Effect.gen(function* () {
      yield* lines(file).pipe(
        Stream.grouped(batchSize),
        Stream.runForEach((batch) => importBatch(batch, outcome, unnamed)),
      )
      yield* Effect.forEach(outcome.projects, catchUp, { discard: true })
    })
    yield* Effect.onInterrupt(onNewDatabase(location, program), () => tellTaken(outcome))
    const { lines: read, added, reused, bad, blank } = outcome
    const known = read - bad - blank - added
    yield* Console.log(
      asJson
        ? JSON.stringify({ lines: read, added, known, reused, bad })
        : `${read} lines: ${added} events added${projectsTold(outcome)}, ${known} known already${reusedTold(reused)}, ${bad} bad.`,
    )
    if (bad > 0) return yield* new SaysNo({ message: `${bad} lines were not taken.` })
  }),
).pipe(Command.withDescription("Append a file of events to the log"))

const tellTaken = ({ added }: Outcome) =>
  Console.error(`${added} events are in the log; the same command goes on from there.`)

const projectsTold = ({ projects }: Outcome): string =>
  projects.size === 0 ? "" : ` to ${[...projects].toSorted().join(", ")}`

const reusedTold = (reused: number): string =>
  reused === 0 ? "" : ` (${reused} with other contents: the first one holds)`

/** An event, and the number of its line. */
interface Line {
  readonly number: number
  readonly incoming: Incoming
}

const tellBad = Effect.fnUntraced(function* (outcome: Outcome, number: number, text: string) {
  outcome.bad += 1
  if (outcome.bad <= badLinesToldMax) yield* Console.error(`line ${number + 1}: ${text}`)
})

/** Appends lines of one project; one that cannot be stored is a bad line, and the others are appended without it. */
const append = Effect.fnUntraced(function* (
  project: ProjectId,
  given: ReadonlyArray<Line>,
  outcome: Outcome,
) {
  const log = yield* EventLog
  let lines = given
  while (Arr.isReadonlyArrayNonEmpty(lines)) {
    const events = Arr.map(lines, ({ incoming }) => incoming)
    const appended = yield* Effect.result(log.append(project, events))
    if (Result.isSuccess(appended)) {
      outcome.added += appended.success.added
      outcome.reused += appended.success.reused
      return
    }
    const { reason, message } = appended.failure
    const bad = reason._tag === "Unstorable" ? lines[reason.index] : undefined
    if (bad === undefined) return yield* appended.failure
    yield* tellBad(outcome, bad.number, message)
    lines = lines.filter((line) => line !== bad)
  }
})

const importBatch = Effect.fnUntraced(function* (
  batch: ReadonlyArray<string>,
  outcome: Outcome,
  unnamed: string,
) {
  const byProject = new Map<ProjectId, Array<Line>>()
  const now = yield* Clock.currentTimeMillis
  for (const text of batch) {
    const number = outcome.lines++
    const decoded = EventLine.decodeLine(text, number, unnamed)
    const read = Result.flatMap(decoded, (line) =>
      line._tag === "Blank"
        ? Result.succeed(undefined)
        : Result.map(EventLine.receivedBy(line, now), (incoming) => ({ ...line, incoming })),
    )
    if (Result.isFailure(read)) {
      const { field, expected } = read.failure
      yield* tellBad(outcome, number, `${field}: expected ${expected}`)
      continue
    }
    if (read.success === undefined) {
      outcome.blank += 1
      continue
    }
    const { project, incoming } = read.success
    const lines = byProject.get(project) ?? []
    lines.push({ number, incoming })
    byProject.set(project, lines)
  }
  for (const [project, lines] of byProject) {
    if (!outcome.projects.has(project)) yield* ensureProject(project)
    outcome.projects.add(project)
    yield* append(project, lines, outcome)
  }
})
