import type { Policy } from "./Policy.ts"

const hour = 3_600_000

/** Distinct ids that joined a person since a time, in epoch milliseconds. */
export interface Joined {
  readonly since: number
  readonly count: number
}

/** The count after `added` more ids; a count older than an hour starts again. */
export const joinedAfter = (
  policy: Policy,
  joined: Joined | undefined,
  added: number,
  now: number,
): Joined | undefined => {
  if (policy.guard_new_ids_per_hour === "off") return undefined
  return joined === undefined || now - joined.since >= hour
    ? { since: now, count: added }
    : { since: joined.since, count: joined.count + added }
}
