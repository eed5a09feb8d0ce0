import { Result } from "effect"
import type { Recorded } from "@onymous/identity/event/Event"
import { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as EventLine from "@onymous/log/file/EventLine"

/** A line that is no event, with its 1-based number and the reason. */
export interface BadLine {
  readonly line: number
  readonly reason: string
}

interface Project {
  readonly log: Array<Recorded>
  /** The project's events by uuid. */
  readonly byUuid: Map<string, Recorded>
}

/** The event that a line added to its project's log. */
export interface LogLine {
  readonly project: ProjectId
  /** The line's number, from 0. */
  readonly line: number
  readonly recorded: Recorded
  /** True where an earlier line has the uuid, so that this line adds no event. */
  readonly isRepeated: boolean
  /** The project's log up to this line. */
  readonly log: ReadonlyArray<Recorded>
}

/** Builds one log per project from the lines of a file, without a server or a clock. */
export class FileLog {
  readonly #projects = new Map<ProjectId, Project>()
  #line = 0

  /** Reads the next line of the file; a blank line only counts for the numbering. */
  add(text: string): Result.Result<LogLine | undefined, BadLine> {
    const line = this.#line++
    const decoded = EventLine.decodeLine(text, line)
    if (Result.isFailure(decoded)) {
      const { field, expected } = decoded.failure
      return Result.fail({ line: line + 1, reason: `${field}: expected ${expected}` })
    }
    const read = decoded.success
    if (read._tag === "Blank") return Result.succeed(undefined)
    const { log, byUuid } = this.#project(read.project)
    const { event, recordedAt: said } = read.incoming
    const repeated = byUuid.get(event.uuid)
    const recordedAt = Math.max(log.at(-1)?.recordedAt ?? Number.NEGATIVE_INFINITY, said)
    const recorded = repeated ?? { position: Position(log.length + 1), recordedAt, event }
    if (repeated === undefined) {
      log.push(recorded)
      byUuid.set(event.uuid, recorded)
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
    const project = { log: new Array<Recorded>(), byUuid: new Map<string, Recorded>() }
    this.#projects.set(id, project)
    return project
  }
}
