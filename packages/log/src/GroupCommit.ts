import { Array as Arr, Context, Deferred, Effect, Exit, Option, type Scope, Tracer } from "effect"
import type { Incoming } from "@onymous/identity/event/Event"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { type Appended, appendedAt, EventLogError, type Place } from "./EventLog.ts"
import * as LogMetrics from "./LogMetrics.ts"

/** The places of the events of a commit, in the order in which they came. */
export interface Committed {
  readonly places: ReadonlyArray<Place>
  /** The indexes of events whose uuid an earlier event with other contents has. */
  readonly reused: ReadonlySet<number>
}

/** The limits of the requests that wait for one project. */
export interface Limits {
  /** Characters of payload. */
  readonly sizeMax: number
  readonly requestsMax: number
  /** The most events of a commit, except for a single request that has more. */
  readonly eventsPerCommit: number
}

/**
 * Enough to outlast seconds of a full disk, and little enough for the memory of a small machine. A statement with
 * 5,000 events took Postgres half as long again for each event as one with 2,000.
 */
const defaultLimits: Limits = {
  sizeMax: 64_000_000,
  requestsMax: 10_000,
  eventsPerCommit: 2_000,
}

const retryAfterSeconds = 1

interface Request {
  readonly events: Arr.NonEmptyReadonlyArray<Incoming>
  readonly size: number
  readonly answer: Deferred.Deferred<Appended, EventLogError>
  /** The span of the caller. */
  readonly span: Tracer.AnySpan | undefined
}

interface Waiting {
  requests: Array<Request>
  size: number
  /** The requests of the running commit. */
  committing: ReadonlyArray<Request>
}

const sizeOf = (events: ReadonlyArray<Incoming>): number =>
  events.reduce((sum, { payload }) => sum + payload.length, 0)

/** Takes the requests of the next commit; at least one. */
const takeNext = (waiting: Waiting, eventsPerCommit: number): ReadonlyArray<Request> => {
  let events = 0
  const end = waiting.requests.findIndex((request, index) => {
    events += request.events.length
    return index > 0 && events > eventsPerCommit
  })
  const requests = waiting.requests.splice(0, end === -1 ? waiting.requests.length : end)
  waiting.size -= requests.reduce((sum, { size }) => sum + size, 0)
  return requests
}

const isFull = (waiting: Waiting, size: number, limits: Limits): boolean =>
  waiting.requests.length >= limits.requestsMax ||
  (waiting.size > 0 && waiting.size + size > limits.sizeMax)

const closed = (): EventLogError =>
  new EventLogError({ reason: { _tag: "Unavailable", cause: "it is closed" } })

/** Answers each request with its part of the commit; a request that has an answer keeps it. */
const answerAll = (
  requests: ReadonlyArray<Request>,
  exit: Exit.Exit<Committed, EventLogError>,
): void => {
  let end = 0
  for (const { events, answer } of requests) {
    const start = end
    end += events.length
    const part = Exit.map(exit, ({ places, reused }) => {
      const reusedHere =
        reused.size === 0 ? [] : events.filter((_, index) => reused.has(start + index))
      return appendedAt(places.slice(start, start + events.length), reusedHere.length)
    })
    Deferred.doneUnsafe(answer, part)
  }
}

/** The request of the event at an index of a commit, and the event's index within the request. */
const findRequest = (requests: ReadonlyArray<Request>, index: number) => {
  let start = 0
  for (const request of requests) {
    const end = start + request.events.length
    if (index < end) return { request, index: index - start }
    start = end
  }
  return undefined
}

/** Collectors drop the links of a span beyond this number. */
const linksMax = 128

/** The span of a commit: a child of its caller's span, or, with several callers, a root with links to their spans. */
const spanOf = (project: ProjectId, requests: ReadonlyArray<Request>): Tracer.SpanOptions => {
  const spans = requests.flatMap(({ span }) => (span === undefined ? [] : [span]))
  const events = requests.reduce((sum, request) => sum + request.events.length, 0)
  const attributes = { "onymous.project": project, "onymous.events": events }
  const [parent] = spans
  if (parent !== undefined && requests.length === 1) return { parent, attributes }
  const links = spans.slice(0, linksMax).map((span) => ({ span, attributes: {} }))
  return { root: true, links, attributes }
}

/** Notes the positions of a commit on its span. */
const tellPositions = ({ places }: Committed) => {
  const [first, last] = [places[0], places.at(-1)]
  return first === undefined || last === undefined
    ? Effect.void
    : Effect.annotateCurrentSpan({
        "onymous.position.from": first.position,
        "onymous.position.to": last.position,
      })
}

type Append<A> = (
  project: ProjectId,
  events: Arr.NonEmptyReadonlyArray<Incoming>,
) => Effect.Effect<A, EventLogError>

/**
 * Commits requests together. A request with an event that cannot be stored is refused by itself, and the others are
 * committed without it, because one client must not fail the appends of others.
 */
const commitTogether = Effect.fnUntraced(function* (
  commit: Append<Committed>,
  project: ProjectId,
  requests: ReadonlyArray<Request>,
) {
  let left = requests
  while (left.length > 0) {
    const events = left.flatMap((request) => request.events)
    if (!Arr.isReadonlyArrayNonEmpty(events)) return
    const committed = Effect.tap(commit(project, events), tellPositions)
    const exit = yield* LogMetrics.measured(project, events.length, committed).pipe(
      Effect.withSpan("EventLog.commit", spanOf(project, left)),
      Effect.exit,
    )
    const error = Option.getOrUndefined(Exit.findErrorOption(exit))
    const found =
      error?.reason._tag === "Unstorable" ? findRequest(left, error.reason.index) : undefined
    if (error?.reason._tag !== "Unstorable" || found === undefined) return answerAll(left, exit)
    const refusal = new EventLogError({ reason: { ...error.reason, index: found.index } })
    Deferred.doneUnsafe(found.request.answer, Exit.fail(refusal))
    left = left.filter((request) => request !== found.request)
  }
})

/**
 * Gathers the appends to a project that arrive during a commit, and commits them together, one commit at a time. An
 * append beyond the limits fails with `Overloaded`, and one that is not committed when the scope closes with
 * `Unavailable`. A project without waiting appends takes no memory.
 */
export const make = Effect.fnUntraced(function* (
  commit: Append<Committed>,
  limits: Limits = defaultLimits,
): Effect.fn.Return<Append<Appended>, never, Scope.Scope> {
  const scope = yield* Effect.scope
  const projects = new Map<ProjectId, Waiting>()
  let isClosed = false
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      isClosed = true
      for (const { committing, requests } of projects.values()) {
        answerAll([...committing, ...requests], Exit.fail(closed()))
      }
      projects.clear()
    }),
  )

  const drain = Effect.fnUntraced(function* (project: ProjectId, waiting: Waiting) {
    while (waiting.requests.length > 0) {
      waiting.committing = takeNext(waiting, limits.eventsPerCommit)
      yield* commitTogether(commit, project, waiting.committing)
    }
    projects.delete(project)
  })

  const enqueue: Append<Deferred.Deferred<Appended, EventLogError>> = (project, events) =>
    Effect.withFiber((fiber) => {
      const draining = projects.get(project)
      const waiting = draining ?? { requests: [], size: 0, committing: [] }
      const size = sizeOf(events)
      if (isClosed) return Effect.fail(closed())
      if (isFull(waiting, size, limits)) {
        const error = new EventLogError({ reason: { _tag: "Overloaded", retryAfterSeconds } })
        return Effect.andThen(LogMetrics.refused(project), Effect.fail(error))
      }
      const answer = Deferred.makeUnsafe<Appended, EventLogError>()
      const span = Option.getOrUndefined(Context.getOption(fiber.context, Tracer.ParentSpan))
      waiting.requests.push({ events, size, answer, span })
      waiting.size += size
      if (draining !== undefined) return Effect.succeed(answer)
      projects.set(project, waiting)
      return Effect.as(Effect.forkIn(drain(project, waiting), scope), answer)
    })

  // Uninterruptible, because a project that is noted without its fiber would never be drained.
  return (project, events) =>
    Effect.flatMap(Effect.uninterruptible(enqueue(project, events)), Deferred.await)
})
