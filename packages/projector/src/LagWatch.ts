import { Clock, Duration, Effect, Schedule } from "effect"
import { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import * as LogMetrics from "@onymous/log/LogMetrics"
import { Editions } from "@onymous/persons/Editions"
import { PersonStore } from "@onymous/persons/PersonStore"
import type { ReadModel } from "@onymous/persons/ReadModel"
import type { CatchUp } from "./CatchUp.ts"
import * as Lag from "./Lag.ts"
import * as ProjectorMetrics from "./ProjectorMetrics.ts"

/** The interval between two looks. */
const looks = Schedule.spaced("10 seconds")

/** The length of a window: a lag is reported at most once a window. */
const window = Duration.toMillis("1 minute")

/** A project whose log has not grown for so long is measured no more until it does, because each costs some 6 kB. */
const quiet = Duration.toMillis("1 hour")

/** Smaller lags are not reported, because they are derived within seconds. */
const lagMin = 10_000

/** The head of a log, and the positions that were derived, at a time in epoch milliseconds. */
export interface Observation {
  readonly head: number
  /** The position of the live edition, or that of the edition in the making where it is further. */
  readonly derived: number
  /** The position of the live edition. */
  readonly answered: number
  readonly at: number
}

const lagOf = ({ head, derived }: Observation): number => head - derived

/** The result of a look, compared with the observation at the start of the window. */
export type Finding =
  | { readonly _tag: "Small" }
  | { readonly _tag: "Watching" }
  | { readonly _tag: "Growing"; readonly text: string }
  | { readonly _tag: "Shrinking" }

/** Decides whether a lag is reported: a large lag that has grown over the window is. */
export const find = (project: ProjectId, since: Observation, now: Observation): Finding => {
  if (lagOf(now) < lagMin) return { _tag: "Small" }
  const seconds = (now.at - since.at) / 1000
  if (seconds * 1000 < window) return { _tag: "Watching" }
  if (lagOf(now) <= lagOf(since)) return { _tag: "Shrinking" }
  const [come, derived] = [now.head - since.head, now.derived - since.derived]
  const rate = (events: number) => `${Math.round(events / seconds)} events/s`
  return {
    _tag: "Growing",
    text:
      `The persons of project ${project} are ${lagOf(now)} events behind the log, and fall further back: ` +
      `${rate(come)} come, ${rate(derived)} are derived. Questions are answered as of position ${now.answered}, ` +
      "and those that wait for more run out of time. All events are kept, and derived once fewer come; " +
      "--max-lag slows captures down beyond a lag.",
  }
}

/**
 * Observes a project. An edition in the making counts, because while a rebuild derives a long log the live edition
 * stands still.
 */
const observe = Effect.fnUntraced(function* (project: ProjectId, head: number) {
  const answered = (yield* (yield* Editions).live(project))?.position ?? 0
  const making = head - answered < lagMin ? undefined : yield* (yield* Editions).making(project)
  const derived = Math.min(head, Math.max(answered, making?.checkpoint.position ?? 0))
  const at = yield* Clock.currentTimeMillis
  const observation: Observation = { head, derived, answered, at }
  return observation
})

/** The ages of the projects' gaps, which the watch writes, and their standstills, which it reads. */
type GapsAndStandstills = Pick<CatchUp, "gapAges" | "standstills">

/** Measures how far a project is behind and for how long, and keeps the age while it is behind. */
const measure = Effect.fnUntraced(function* (
  project: ProjectId,
  { head, answered }: Observation,
  { gapAges, standstills }: GapsAndStandstills,
) {
  const events = Math.max(0, head - answered)
  const seconds = events === 0 ? 0 : yield* Lag.secondsSince(project, Position(answered + 1))
  if (events === 0) gapAges.delete(project)
  else gapAges.set(project, seconds)
  yield* ProjectorMetrics.lagging(project, { events, seconds })
  yield* ProjectorMetrics.standing(project, standstills.has(project))
})

/** When the log of each project that is measured was seen to have grown, in epoch milliseconds. */
type Grown = Map<ProjectId, number>

/** Measures how many events wait, in all projects at once, and forgets those in which nothing happens. */
const measureWaiting = Effect.fnUntraced(function* (
  grown: Grown,
  { gapAges, standstills }: GapsAndStandstills,
) {
  const waiting = yield* (yield* PersonStore).waiting
  const now = yield* Clock.currentTimeMillis
  for (const [project, at] of grown) {
    const events = waiting.get(project) ?? 0
    const isQuiet = events === 0 && !gapAges.has(project) && !standstills.has(project)
    if (!isQuiet || now - at < quiet) {
      yield* ProjectorMetrics.held(project, events)
    } else {
      grown.delete(project)
      yield* ProjectorMetrics.released(project)
      yield* LogMetrics.released(project)
    }
  }
})

/**
 * Measures the lag of all projects for ever, and warns of each project whose lag grows, once a minute at most. A look
 * skips projects that were not behind at the last look and whose log has not grown since.
 */
export const run = (gaps: GapsAndStandstills): Effect.Effect<never, never, EventLog | ReadModel> =>
  Effect.suspend(() => {
    const since = new Map<ProjectId, Observation>()
    const ends = new Map<ProjectId, number>()
    const grown: Grown = new Map()
    const look = Effect.gen(function* () {
      for (const { project, position: head } of yield* (yield* EventLog).heads) {
        if (ends.get(project) === head && !since.has(project) && !gaps.gapAges.has(project))
          continue
        const now = yield* observe(project, head)
        yield* measure(project, now, gaps)
        const finding = find(project, since.get(project) ?? now, now)
        if (finding._tag === "Growing") yield* Effect.logWarning(finding.text)
        if (finding._tag === "Small") since.delete(project)
        else if (finding._tag !== "Watching" || !since.has(project)) since.set(project, now)
        if (ends.get(project) !== head) grown.set(project, now.at)
        ends.set(project, head)
      }
      yield* measureWaiting(grown, gaps)
    })
    return Effect.andThen(
      Effect.repeat(Effect.ignore(Effect.withTracerEnabled(look, false), { log: "Debug" }), looks),
      Effect.never,
    )
  })
