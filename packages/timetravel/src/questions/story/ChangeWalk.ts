import * as Identity from "@onymous/identity/Identity"
import * as ApplyChange from "@onymous/identity/state/ApplyChange"
import type { Change } from "@onymous/identity/state/Change"
import type { Recorded } from "@onymous/identity/event/Event"
import type { Position } from "@onymous/identity/event/Position"
import * as WorkInTurns from "@onymous/persons/rows/WorkInTurns"
import type { History } from "../../history/History.ts"

type Turns<A> = WorkInTurns.Turns<A>

/** Sees a change, the identity that it is about to move, and the event that caused it. */
export type Visit = (
  change: Change,
  identity: Identity.Identity,
  event: Recorded | undefined,
) => void

/**
 * Moves an empty identity by the changes of a history up to a position, one by one. Several events
 * may take effect at one position, where some waited; so a row of that position tells too little.
 */
export const walk = function* (history: History, at: Position, visit: Visit): Turns<void> {
  const identity = Identity.empty(history.project, history.startPolicy)
  const causes = causesOf(history.changes)
  const past = history.changes.entries().filter(([, { position }]) => position <= at)
  yield* WorkInTurns.each(past, ([index, change]) => {
    visit(change, identity, history.eventAt(causes[index] ?? change.position))
    ApplyChange.apply(identity, change)
  })
}

/**
 * For each change, the position of the event that caused it: for an event that waited, its own
 * position, not that of its release.
 */
const causesOf = (changes: ReadonlyArray<Change>): ReadonlyArray<Position> => {
  const causes: Array<Position> = []
  let last: { readonly at: Position; readonly event: Position } | undefined
  for (const change of changes.toReversed()) {
    const { position: at } = change
    if (change._tag === "Released") last = { at, event: change.event }
    else if (last?.at !== at) last = undefined
    causes.push(last?.event ?? at)
  }
  return causes.toReversed()
}
