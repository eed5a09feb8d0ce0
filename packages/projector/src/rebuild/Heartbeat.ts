import { Duration, Effect, Schedule } from "effect"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type { Checkpoint } from "@onymous/persons/Checkpoint"
import { Editions } from "@onymous/persons/Editions"

/** The interval between two heartbeats of a rebuild. */
const beats = Schedule.spaced("1 second")

/** How long we watch another rebuild's heartbeat before we call it dead; a busy process beats late. */
export const watchTime = Duration.seconds(3)

/**
 * Beats for an edition until the scope closes. A failed beat is skipped, because the next one
 * follows.
 */
export const beat = Effect.fnUntraced(function* (edition: Checkpoint) {
  const editions = yield* Editions
  yield* Effect.forkScoped(Effect.repeat(Effect.ignore(editions.beat(edition)), beats))
})

/** A mark that each heartbeat changes; undefined where the project has no edition in the making. */
export const markOf = Effect.fnUntraced(function* (project: ProjectId) {
  return (yield* (yield* Editions).making(project))?.mark
})

/**
 * Watches a project for a time; true if a rebuild's heart beat meanwhile. Returns at once where
 * there is no edition in the making.
 */
export const isHeard = Effect.fnUntraced(function* (project: ProjectId, time: Duration.Duration) {
  const mark = yield* markOf(project)
  if (mark === undefined) return false
  yield* Effect.sleep(time)
  return (yield* markOf(project)) !== mark
})
