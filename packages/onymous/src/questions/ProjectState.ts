import { Effect } from "effect"
import { EventLog } from "@onymous/log/EventLog"
import { policyAt } from "@onymous/persons/PolicyHistory"
import { Projector } from "@onymous/projector/Projector"
import { type CallOptions, check as checkCall } from "../inputs/CallOptions.ts"
import { check, type PointOption } from "../inputs/QuestionInputs.ts"
import type { Session } from "../session/Session.ts"

/** Where the log of a project and its persons are. */
export interface Status {
  readonly project: string
  /** Where the log ends. */
  readonly head: number
  /** The position of the persons. */
  readonly checkpoint: number
  /** How many events the persons lack; undefined where the log is not the one that they come from. */
  readonly lag: number | undefined
  /** How long the first of these has been in the log, in seconds. */
  readonly lagSeconds: number | undefined
  /** Why the persons stay where they are; undefined where they follow. */
  readonly stopped: string | undefined
  /** Which process derives the persons: this one, or another one, which may have ended; undefined where none has yet. */
  readonly owner: "here" | "elsewhere" | undefined
  readonly stateHash: string
  readonly logId: string
}

/** A project of the database. */
export interface Project {
  readonly project: string
  /** Where its log ends. */
  readonly head: number
}

/** All projects of the database, by id. */
export const projects = (session: Session, options: CallOptions) => {
  checkCall(options)
  const heads = session.run(Effect.flatMap(EventLog, (log) => log.heads))
  return Effect.map(heads, (found): ReadonlyArray<Project> =>
    found
      .map(({ project, position }) => ({ project, head: position }))
      .toSorted((a, b) => (a.project < b.project ? -1 : 1)),
  )
}

/** The rules that hold, or that held at a point. */
export const policy = (session: Session, options: PointOption) => {
  check.asOf(options)
  return session.askAt(options, (_, at) => policyAt(session.project, at))
}

/** Where the log and the persons are; it waits for nothing. */
export const status = (session: Session, options: CallOptions) => {
  checkCall(options)
  const { project } = session
  const found = session.run(Effect.flatMap(Projector, (projector) => projector.lag(project)))
  return Effect.map(found, ({ head, checkpoint, events, seconds, stopped, owner }): Status => ({
    project,
    head: head.position,
    checkpoint: checkpoint.position,
    lag: events,
    lagSeconds: seconds,
    stopped,
    owner,
    stateHash: checkpoint.stateHash,
    logId: head.logId,
  }))
}
