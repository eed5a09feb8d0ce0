import { Array as Arr, Clock, Effect, Result } from "effect"
import { badLinesToldMax, type Imported, none } from "@onymous/api/forms/ImportForms"
import { invalid } from "@onymous/identity/encoding/Invalid"
import type { Incoming } from "@onymous/identity/event/Event"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { ensureProject } from "@onymous/log/EnsureProject"
import { EventLog } from "@onymous/log/EventLog"
import * as EventLine from "@onymous/log/file/EventLine"

/** Lines read and appended together. */
export const batchSize = 1000

/** An event, and the number of its line. */
interface Line {
  readonly number: number
  readonly incoming: Incoming
}

type BadLine = Imported["bad_lines"][number]

const badLine = (number: number, message: string): BadLine => ({ line: number + 1, message })

/** The outcome of a batch of lines. */
interface Tally {
  added: number
  reused: number
  blank: number
  readonly bad: Array<BadLine>
}

/** Appends lines of one project; a line that cannot be stored is a bad line, and the others are appended without it. */
const append = Effect.fnUntraced(function* (
  project: ProjectId,
  given: ReadonlyArray<Line>,
  tally: Tally,
) {
  const log = yield* EventLog
  let lines = given
  while (Arr.isReadonlyArrayNonEmpty(lines)) {
    const events = Arr.map(lines, ({ incoming }) => incoming)
    const appended = yield* Effect.result(log.append(project, events))
    if (Result.isSuccess(appended)) {
      tally.added += appended.success.added
      tally.reused += appended.success.reused
      return
    }
    const { reason, message } = appended.failure
    const bad = reason._tag === "Unstorable" ? lines[reason.index] : undefined
    if (bad === undefined) return yield* appended.failure
    tally.bad.push(badLine(bad.number, message))
    lines = lines.filter((line) => line !== bad)
  }
})

/** The events of lines, by project. */
const read = (
  batch: ReadonlyArray<string>,
  { linesBefore, project: unnamed, isOnly = false }: Place,
  now: number,
  tally: Tally,
): ReadonlyMap<ProjectId, ReadonlyArray<Line>> => {
  const byProject = new Map<ProjectId, Array<Line>>()
  for (const [index, text] of batch.entries()) {
    const number = linesBefore + index
    const decoded = EventLine.decodeLine(text, number, unnamed)
    const read = Result.flatMap(decoded, (line) =>
      line._tag === "Blank"
        ? Result.succeed(undefined)
        : isOnly && line.project !== unnamed
          ? invalid("project", `${unnamed}, whose key this is`)
          : Result.map(EventLine.receivedBy(line, now), (incoming) => ({ ...line, incoming })),
    )
    if (Result.isFailure(read)) {
      const { field, expected } = read.failure
      tally.bad.push(badLine(number, `${field}: expected ${expected}`))
    } else if (read.success === undefined) {
      tally.blank += 1
    } else {
      const { project, incoming } = read.success
      const lines = byProject.get(project) ?? []
      lines.push({ number, incoming })
      byProject.set(project, lines)
    }
  }
  return byProject
}

/** The place of lines in their file, and the project of lines that name none. */
export interface Place {
  readonly linesBefore: number
  readonly project: string
  /** True where lines of other projects are refused. */
  readonly isOnly?: boolean
}

/**
 * Appends lines of a file, and makes the projects that they name. It skips events that the log has, and a bad line does
 * not affect the others.
 */
export const take = Effect.fnUntraced(function* (batch: ReadonlyArray<string>, place: Place) {
  const tally: Tally = { added: 0, reused: 0, blank: 0, bad: [] }
  const byProject = read(batch, place, yield* Clock.currentTimeMillis, tally)
  for (const [project, lines] of byProject) {
    yield* ensureProject(project)
    yield* append(project, lines, tally)
  }
  const { added, reused, blank, bad } = tally
  const imported: Imported = {
    ...none,
    lines: batch.length,
    added,
    known: batch.length - bad.length - blank - added,
    reused,
    bad: bad.length,
    bad_lines: bad.toSorted((a, b) => a.line - b.line).slice(0, badLinesToldMax),
    projects: [...byProject.keys()].toSorted(),
  }
  return imported
})
