import { Result } from "effect"
import type { Recorded } from "@onymous/identity/event/Event"
import { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as EventLine from "@onymous/log/file/EventLine"

/** A line that could not be read: its 1-based number, and why. */
export interface BadLine {
  readonly line: number
  readonly reason: string
}

interface Project {
  readonly log: Array<Recorded>
  /** The events by uuid. */
  readonly known: Map<string, Recorded>
}

/** What a line adds to its project's log. */
export interface Added {
  readonly project: ProjectId
  /** Counts from 0. */
  readonly line: number
  readonly recorded: Recorded
  /** It repeats an event that the log has: it is that one, and adds nothing. */
  readonly isRepeated: boolean
  /** The project's log up to here. */
  readonly log: ReadonlyArray<Recorded>
}

/** The logs that the lines of a file make, one for each project that they name: no server, no clock. */
export class FileLog {
  readonly #projects = new Map<ProjectId, Project>()
  #line = 0

  /** Takes the next line of the file; a blank one adds nothing and counts for the numbering only. */
  add(text: string): Result.Result<Added | undefined, BadLine> {
    const line = this.#line++
    const decoded = EventLine.decodeLine(text, line)
    if (Result.isFailure(decoded)) {
      const { field, expected } = decoded.failure
      return Result.fail({ line: line + 1, reason: `${field}: expected ${expected}` })
    }
    const read = decoded.success
    if (read._tag === "Blank") return Result.succeed(undefined)
    const { log, known } = this.#project(read.project)
    const { event, recordedAt: said } = read.incoming
    const isEvent = read._tag === "Event"
    const repeated = isEvent ? known.get(event.uuid) : undefined
    const recordedAt = Math.max(log.at(-1)?.recordedAt ?? Number.NEGATIVE_INFINITY, said)
    const recorded = repeated ?? { position: Position(log.length + 1), recordedAt, event }
    if (repeated === undefined) {
      log.push(recorded)
      if (isEvent) known.set(event.uuid, recorded)
    }
    const isRepeated = repeated !== undefined
    return Result.succeed({ project: read.project, line, recorded, isRepeated, log })
  }

  /** The projects that the lines name, sorted, each with its log. */
  logs(): ReadonlyArray<readonly [ProjectId, ReadonlyArray<Recorded>]> {
    return [...this.#projects]
      .map(([id, { log }]) => [id, log] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
  }

  #project(id: ProjectId): Project {
    const known = this.#projects.get(id)
    if (known !== undefined) return known
    const project = { log: new Array<Recorded>(), known: new Map<string, Recorded>() }
    this.#projects.set(id, project)
    return project
  }
}
