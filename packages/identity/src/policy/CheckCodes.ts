import { checks } from "./MergeChecks.ts"

/** The checks by their ids: those of a merge, and what is told of an event around them. */
export const checkIds = [
  "valid_uuid",
  "asks_for_person",
  "waits",
  "asks_for_merge",
  ...checks.map(({ id }) => id),
  "person_of_target",
  "person_of_source",
  "result",
  "act",
  "actor",
  "reason",
  "undoes",
  "undone",
] as const

export type CheckId = (typeof checkIds)[number]

/**
 * What a check came to: it let the event `pass`; it is where what the event asked for `stop`s; there was `nothing`
 * more to do; the event `waits`; a guard `observed` what it would refuse; or it is a fact that is `told`.
 */
export const verdicts = ["pass", "stop", "nothing", "waits", "observed", "told"] as const

export type CheckVerdict = (typeof verdicts)[number]
