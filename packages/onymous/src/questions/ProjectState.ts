import { Effect } from "effect"
import type * as Policy from "@onymous/identity/policy/Policy"
import { policyAt } from "@onymous/persons/PolicyHistory"
import { Projector } from "@onymous/projector/Projector"
import { check, type PointOption } from "../inputs/QuestionInputs.ts"
import type { Session } from "../Session.ts"

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
  readonly stateHash: string
  readonly logId: string
}

/** The rules that hold, or that held at a point. */
export const policy = async (session: Session, options: PointOption): Promise<Policy.Policy> => {
  check.asOf(options)
  return session.askAt(options.at, (_, at) => policyAt(session.project, at))
}

/** Where the log and the persons are; it waits for nothing. */
export const status = async (session: Session): Promise<Status> => {
  const { project } = session
  const { head, checkpoint, events, seconds, stopped } = await session.run(
    Effect.flatMap(Projector, (projector) => projector.lag(project)),
  )
  return {
    project,
    head: head.position,
    checkpoint: checkpoint.position,
    lag: events,
    lagSeconds: seconds,
    stopped,
    stateHash: checkpoint.stateHash,
    logId: head.logId,
  }
}
