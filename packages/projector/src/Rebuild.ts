import { Effect, Exit, Option, Stream } from "effect"
import type { Position } from "@onymous/identity/Position"
import type { ProjectId } from "@onymous/identity/ProjectId"
import { EventLog, type EventLogError } from "@onymous/log/EventLog"
import { type Checkpoint, type Comparison, Persons, type PersonsError } from "./Persons.ts"
import { isOf, projectPage } from "./ProjectPage.ts"

/** What a rebuild came to. */
export interface Outcome {
  readonly stateHash: string
  /** How it compares with what was live, before that was replaced. */
  readonly comparison: Comparison
  /** Whether it took the place of what was live. */
  readonly isPublished: boolean
}

/** How far a rebuild is; the last one tells what it came to. */
export interface Progress {
  readonly position: Position
  readonly head: Position
  readonly outcome?: Outcome
}

/** How a rebuild is done. */
export interface Options {
  /** Only compares: what is live stays. */
  readonly verifyOnly?: boolean
}

/** The edition in the making, of this log: one that was begun on another is discarded. */
const begin = Effect.fnUntraced(function* (project: ProjectId) {
  const log = yield* EventLog
  const persons = yield* Persons
  const { logId } = yield* log.head(project)
  const made = yield* persons.claimEdition(project, logId)
  if (yield* isOf(made, logId)) return { ...made, logId }
  yield* persons.discard(made)
  return yield* persons.claimEdition(project, logId)
})

/** Compares what was made with what is live, and puts it in its place where that is asked for. */
const finish = Effect.fnUntraced(function* (made: Checkpoint, { verifyOnly = false }: Options) {
  const persons = yield* Persons
  const comparison = yield* persons.compare(made)
  const done = (isPublished: boolean): Outcome => ({
    stateHash: made.stateHash,
    comparison,
    isPublished,
  })
  if (verifyOnly) {
    yield* persons.discard(made)
    return done(false)
  }
  return (yield* persons.publish(made)) === "behind" ? undefined : done(true)
})

/**
 * Derives a project anew beside what is live, which is read and written meanwhile, and takes its place
 * in one step. Killed, it goes on where it was when it is called again; interrupted, it leaves nothing.
 */
export const rebuild = (
  project: ProjectId,
  options: Options,
): Stream.Stream<Progress, PersonsError | EventLogError, EventLog | Persons> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const log = yield* EventLog
      const persons = yield* Persons
      let made = yield* Effect.acquireRelease(begin(project), (begun, exit) =>
        Exit.isFailure(exit) && Exit.hasInterrupts(exit)
          ? Effect.ignore(persons.discard(begun))
          : Effect.void,
      )
      const progress = Effect.map(log.head(project), ({ position: head }) => ({
        position: made.position,
        head,
      }))
      const step = Effect.gen(function* () {
        const next = yield* projectPage(made)
        const isCaughtUp = next === made
        made = next
        const outcome = isCaughtUp ? yield* finish(made, options) : undefined
        const shown = { ...(yield* progress), ...(outcome && { outcome }) }
        return [[shown], outcome ? Option.none() : Option.some(undefined)] as const
      })
      return Stream.paginate(undefined, () => step)
    }),
  )
