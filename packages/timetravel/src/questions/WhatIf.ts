import { Effect } from "effect"
import * as Identity from "@onymous/identity/Identity"
import { type Difference, between } from "./Difference.ts"
import { build, History, type OnProgress } from "../history/History.ts"
import { type Edit, edited } from "../history/EditedLog.ts"

const differenceOf = (history: History, other: History): Difference =>
  between(
    { persons: history.personsAt(), warnings: history.warningsAt() },
    { persons: other.personsAt(), warnings: other.warningsAt() },
  )

/** What would be different now (SPEC §8): nothing is written. */
export const whatIf = (history: History, edit: Edit): Difference =>
  differenceOf(history, new History(history.project, edited(history, edit), history.startPolicy))

/** The same in steps, for a log that takes long: it tells how far it is, and can be interrupted. */
export const replayed = Effect.fn("WhatIf.replayed")(function* (
  history: History,
  edit: Edit,
  onProgress?: OnProgress,
) {
  const { project, startPolicy } = history
  return differenceOf(
    history,
    yield* build(project, edited(history, edit), startPolicy, onProgress),
  )
})

/** How many distinct ids an edit may reach, at the most: those of the cones that its events name. */
export const blastRadius = (history: History, edit: Edit): number => {
  if (edit.policy !== undefined) return history.tables.memberships.size
  const events = [
    ...[...(edit.without ?? [])].flatMap((uuid) => history.eventOf(uuid)?.event ?? []),
    ...(edit.insert ?? []).map(({ event }) => event),
  ]
  return history.tables.conesOf(Identity.touched(events.map((event) => ({ event })))).size
}
