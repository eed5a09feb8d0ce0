import { Effect } from "effect"
import * as Identity from "@onymous/identity/Identity"
import { type Difference, between } from "./Difference.ts"
import { build, History } from "../history/History.ts"
import { type Edit, editLog } from "../history/EditedLog.ts"

const differenceOf = (history: History, other: History): Difference =>
  between(
    { persons: history.personsAt(), warnings: history.warningsAt() },
    { persons: other.personsAt(), warnings: other.warningsAt() },
  )

/** The difference that an edit would make at the head (SPEC §8); writes nothing. */
export const whatIf = (history: History, edit: Edit): Difference =>
  differenceOf(history, new History(history.project, editLog(history, edit), history.startPolicy))

/** `whatIf` for long logs: reports its progress (`QuestionProgress`), and stops at an interruption. */
export const replay = Effect.fn("WhatIf.replayed")(function* (history: History, edit: Edit) {
  const { project, startPolicy } = history
  return differenceOf(history, yield* build(project, editLog(history, edit), startPolicy))
})

/** An upper bound of the distinct ids that an edit can reach: the sizes of the cones it names. */
export const blastRadius = (history: History, edit: Edit): number => {
  if (edit.policy !== undefined) return history.tables.memberships.size
  const events = [
    ...[...(edit.without ?? [])].flatMap((uuid) => history.eventOf(uuid)?.event ?? []),
    ...(edit.insert ?? []).map(({ event }) => event),
  ]
  return history.tables.conesOf(Identity.touched(events.map((event) => ({ event })))).size
}
