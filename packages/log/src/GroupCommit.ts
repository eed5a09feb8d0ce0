import { Array as Arr, Deferred, Effect, Exit, type Scope } from "effect"
import type { Incoming } from "@onymous/identity/Event"
import type { Position } from "@onymous/identity/Position"
import type { ProjectId } from "@onymous/identity/ProjectId"
import { type Appended, EventLogError } from "./EventLog.ts"

/** What a commit of gathered events came to: the head after it, and which events were new. */
export interface Committed {
  readonly position: Position
  readonly added: ReadonlySet<Incoming>
}

/** How much may wait for one project. */
export interface Limits {
  /** Characters of payload. */
  readonly sizeMax: number
  readonly requestsMax: number
  /** How many events are committed together, unless one request alone has more. */
  readonly eventsPerCommit: number
}

/** Enough for seconds of a full disk, and little enough for the memory of a small machine. */
export const defaultLimits: Limits = {
  sizeMax: 64_000_000,
  requestsMax: 10_000,
  eventsPerCommit: 5_000,
}

const retryAfterSeconds = 1

interface Request {
  readonly events: Arr.NonEmptyReadonlyArray<Incoming>
  readonly size: number
  readonly answer: Deferred.Deferred<Appended, EventLogError>
}

interface Waiting {
  requests: Array<Request>
  size: number
}

const sizeOf = (events: ReadonlyArray<Incoming>): number =>
  events.reduce((sum, { payload }) => sum + payload.length, 0)

/** Takes the requests that are committed next; at least one. */
const takeNext = (waiting: Waiting, eventsPerCommit: number): ReadonlyArray<Request> => {
  let events = 0
  const end = waiting.requests.findIndex((request, index) => {
    events += request.events.length
    return index > 0 && events > eventsPerCommit
  })
  const taken = waiting.requests.splice(0, end === -1 ? waiting.requests.length : end)
  waiting.size -= taken.reduce((sum, { size }) => sum + size, 0)
  return taken
}

const answerAll = (
  taken: ReadonlyArray<Request>,
  exit: Exit.Exit<Committed, EventLogError>,
): Effect.Effect<void> =>
  Effect.forEach(
    taken,
    ({ events, answer }) =>
      Deferred.done(
        answer,
        Exit.map(exit, ({ position, added }) => ({
          position,
          added: events.filter((event) => added.has(event)).length,
        })),
      ),
    { discard: true },
  )

/**
 * Gathers the appends of a project that come while another is being committed, and commits them
 * together, one commit at a time; refuses with `Overloaded` what is more than the limits. A project
 * for which nothing waits takes no memory.
 */
export const make = Effect.fnUntraced(function* (
  commit: (
    project: ProjectId,
    events: Arr.NonEmptyReadonlyArray<Incoming>,
  ) => Effect.Effect<Committed, EventLogError>,
  limits: Limits = defaultLimits,
): Effect.fn.Return<
  (
    project: ProjectId,
    events: Arr.NonEmptyReadonlyArray<Incoming>,
  ) => Effect.Effect<Appended, EventLogError>,
  never,
  Scope.Scope
> {
  const scope = yield* Effect.scope
  const projects = new Map<ProjectId, Waiting>()

  const drain = Effect.fnUntraced(function* (project: ProjectId, waiting: Waiting) {
    while (waiting.requests.length > 0) {
      const taken = takeNext(waiting, limits.eventsPerCommit)
      const events = taken.flatMap((request) => request.events)
      if (!Arr.isReadonlyArrayNonEmpty(events)) continue
      yield* answerAll(taken, yield* Effect.exit(commit(project, events)))
    }
    projects.delete(project)
  })

  return (project, events) =>
    Effect.suspend(() => {
      const known = projects.get(project)
      const waiting = known ?? { requests: [], size: 0 }
      const size = sizeOf(events)
      const isFull =
        waiting.requests.length >= limits.requestsMax ||
        (waiting.size > 0 && waiting.size + size > limits.sizeMax)
      if (isFull) {
        return Effect.fail(new EventLogError({ reason: { _tag: "Overloaded", retryAfterSeconds } }))
      }
      const answer = Deferred.makeUnsafe<Appended, EventLogError>()
      waiting.requests.push({ events, size, answer })
      waiting.size += size
      if (known !== undefined) return Deferred.await(answer)
      projects.set(project, waiting)
      return Effect.andThen(Effect.forkIn(drain(project, waiting), scope), Deferred.await(answer))
    })
})
