import type { Change } from "../state/Change.ts"
import type { Captured } from "../event/Event.ts"
import type { PersonEdited, PersonsMerged } from "../event/OperatorCommand.ts"
import type { Position } from "../event/Position.ts"
import type { Identity } from "../state/IdentityState.ts"
import type { Warning, WarningType } from "../state/Warning.ts"

/** An event on its way through the checks, with its changes so far. */
export interface Step {
  readonly identity: Identity
  readonly event: Captured | PersonEdited | PersonsMerged
  /** The event's position in the log. */
  readonly eventPosition: Position
  /**
   * The position at which its changes become true: after `eventPosition` where the event waited.
   */
  readonly position: Position
  readonly recordedAt: number
  /** The time of the event, in epoch milliseconds. */
  readonly at: number
  /**
   * True where no identified person stops the merge: an operator's merge, or `$merge_dangerously`.
   */
  readonly isForced: boolean
  readonly changes: Array<Change>
}

/** Adds the warning that says why the event is not applied as asked. */
export const warn = (step: Step, type: WarningType, details: Warning["details"]): void => {
  const { position, event } = step
  const warning = {
    type,
    position: step.eventPosition,
    at: step.recordedAt,
    eventUuid: event.uuid,
    details: { eventUuid: event.uuid, ...details },
  }
  step.changes.push({ _tag: "Warned", position, warning })
}
