import { Effect } from "effect"
import { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { Projector } from "@onymous/projector/Projector"
import { Cores } from "../load/Cores.ts"
import * as Emmett from "../baselines/Emmett.ts"
import * as Naive from "../baselines/Naive.ts"
import { batches, inTurns, rate } from "../load/Scenario.ts"

/** The longest wait for a log, in seconds. */
export const waitMax = 1800

/** The log to project, and the amounts of the comparison. */
export interface Projected {
  /** A log of `count` events after its policy, not projected yet. */
  readonly project: ProjectId
  readonly count: number
  /** Events for the slower projectors of the comparison. */
  readonly othersCount: number
  /** The time for the projector that commits each event alone. */
  readonly seconds: number
  readonly emmett: Emmett.Emmett | undefined
  readonly round: number
}

const follow = Effect.fnUntraced(function* ({ project, count }: Projected) {
  const { waitFor } = yield* Projector
  yield* waitFor(project, Position(count + 1), waitMax)
})

/** Follows a log with our projector, with one that commits each event alone, and with Emmett. */
export const measure = Effect.fnUntraced(function* (projected: Projected) {
  const { project, count, seconds, emmett, round } = projected
  const othersCount = Math.min(count, projected.othersCount)
  const fill = (events: number) =>
    emmett && Emmett.append(emmett, Emmett.newStream(), Emmett.toEvents(batches(events)))
  const after = yield* fill(1) ?? Effect.undefined
  yield* fill(othersCount) ?? Effect.undefined
  const cores = new Cores()
  let naive = Number.NaN
  const [ours = Number.NaN, , theirs = Number.NaN] = yield* inTurns(round, [
    cores.during(follow(projected)),
    Effect.map(Naive.project(project, othersCount, seconds), (perSecond) => (naive = perSecond)),
    ...(emmett === undefined || after === undefined
      ? []
      : [Emmett.follow(emmett, after, othersCount)]),
  ])
  const figures = {
    projection_events_per_s: rate(count, ours),
    projection_cores_busy: cores.busy,
    naive_projection_events_per_s: naive,
    projection_vs_naive: rate(count, ours) / naive,
  }
  if (emmett === undefined) return figures
  return {
    ...figures,
    emmett_projection_events_per_s: rate(othersCount, theirs),
    projection_vs_emmett: rate(count, ours) / rate(othersCount, theirs),
    projection_never_idle_vs_emmett: rate(count, ours * cores.busy) / rate(othersCount, theirs),
  }
})
