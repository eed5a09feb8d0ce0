import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"

/** What a log is not: the one that it was, or a whole one. An operator has to mend it. */
export type WrongLog =
  /** The log was wound back: at this position it has no event, or another one than was read before. */
  | {
      readonly _tag: "WoundBack"
      readonly project: ProjectId
      readonly position: Position
      readonly expected: string
      readonly found: string | undefined
      readonly head: Position
    }
  /** The project's persons were derived from another log. */
  | {
      readonly _tag: "OtherLog"
      readonly project: ProjectId
      readonly expected: string
      readonly found: string
    }
  /** The log lacks events before its head. */
  | {
      readonly _tag: "Missing"
      readonly project: ProjectId
      readonly from: Position
      readonly to: Position
    }
  /** The log has events beyond its head: its head is of an earlier time, or was made again. */
  | {
      readonly _tag: "HeadBehind"
      readonly project: ProjectId
      readonly head: Position
      /** The first position beyond the head that has an event, as far as it is known. */
      readonly found: Position
    }

const deriveAgain = (project: ProjectId): string =>
  `"onymous rebuild --project ${project}" derives the persons from the log as it is.`

const foundText = (found: string | undefined, head: Position): string =>
  found === undefined ? `no event, and ends at ${head}` : `event ${found}`

/** The fault of a log in words, and what mends it. */
export const wrongLogText = (reason: WrongLog): string => {
  switch (reason._tag) {
    case "WoundBack": {
      const { project, position, expected, found, head } = reason
      return `The log of project ${project} was wound back: at position ${position}, where event ${expected} was read before, it has ${foundText(found, head)}. ${deriveAgain(project)}`
    }
    case "OtherLog": {
      const { project, expected, found } = reason
      return `The persons of project ${project} were derived from another log: from ${expected}, and this one is ${found}. ${deriveAgain(project)}`
    }
    case "Missing": {
      const { project, from, to } = reason
      const which = from === to ? `position ${from}` : `positions ${from} to ${to}`
      return `The log of project ${project} lacks the events at ${which}, which its head counts: restore the table events, and its head with it, from one backup.`
    }
    case "HeadBehind": {
      const { project, head, found } = reason
      return `The log of project ${project} ends at ${head} in the table projects, and the table events has an event at position ${found}: restore the tables projects and events from one backup.`
    }
  }
}
