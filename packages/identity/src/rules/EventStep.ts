import type { Change } from "../state/Change.ts"
import type { Captured } from "../event/Event.ts"
import type { PersonEdited, PersonsMerged } from "../event/OperatorCommand.ts"
import type { Position } from "../event/Position.ts"
import type { Identity } from "../state/IdentityState.ts"
import type { Warning, WarningType } from "../state/Warning.ts"

/** One event on its way through the checks, with the changes found so far. */
export interface Step {
  readonly identity: Identity
  readonly event: Captured | PersonEdited | PersonsMerged
  /** Where the event lies in the log. */
  readonly eventPosition: Position
  /** Where its changes become true: later than `eventPosition` where it had waited. */
  readonly position: Position
  readonly recordedAt: number
  /** When it happened, in epoch milliseconds. */
  readonly at: number
  /** The event merges whatever is identified: an operator's merge, or `$merge_dangerously`. */
  readonly isForced: boolean
  readonly changes: Array<Change>
}

/** Notes why the event is not applied as asked. */
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
