import { Cause, Effect } from "effect"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { memoryMost } from "@onymous/projector/rebuild/HeapLimit"
import { Freshness } from "@onymous/persons/reading/Freshness"
import { Projector } from "@onymous/projector/Projector"
import type { Options, Outcome, Progress, Tell } from "@onymous/projector/rebuild/Rebuild"
import { InvalidInput } from "./errors/InvalidInput.ts"
import { OnymousError } from "./errors/OnymousError.ts"
import { type CallOptions, check as checkCall } from "./inputs/CallOptions.ts"
import { heardBy } from "./session/Listening.ts"
import type { Session } from "./session/Session.ts"

export type { Progress as RebuildProgress } from "@onymous/projector/rebuild/Rebuild"

export type { Outcome as RebuildOutcome } from "@onymous/projector/rebuild/Rebuild"

/** The options of a rebuild, and the listener for its progress. */
export interface RebuildInput extends CallOptions {
  /** Only compares, and leaves the live edition in place. */
  readonly verifyOnly?: boolean
  /**
   * The most memory, in MiB; default: two fifths of the heap. The rest of a larger project goes
   * page by page.
   */
  readonly memory?: number
  /**
   * Pauses after each short turn for as long as the turn took, at most a second, for a process that
   * also answers requests.
   */
  readonly gentle?: boolean
  /** Hears each step. */
  readonly onProgress?: (progress: Progress) => void
}

/** A misspelt option is refused, because it would make a comparison into a replacement. */
const names: ReadonlySet<string> = new Set([
  "verifyOnly",
  "memory",
  "gentle",
  "onProgress",
  "signal",
  "timeout",
])

/**
 * A flag that is no boolean is refused, because it may decide whether the live edition is replaced.
 */
const flag = (field: "verifyOnly" | "gentle", value = false): boolean => {
  if (typeof value !== "boolean") throw new InvalidInput({ field, expected: "true or false" })
  return value
}

const mebibyte = 1024 * 1024

/** The most memory of a rebuild, in MiB: half of the heap. */
export const mebibytesMax = (): number => Math.floor(memoryMost() / mebibyte)

/** The options for the projector; throws `InvalidInput`. */
export const toOptions = (input: RebuildInput): Options => {
  const unknown = Object.keys(input).find((name) => !names.has(name))
  if (unknown !== undefined) {
    throw new InvalidInput({ field: unknown, expected: `one of ${[...names].join(", ")}` })
  }
  const { memory, verifyOnly, gentle, onProgress, signal, timeout } = input
  if (onProgress !== undefined && typeof onProgress !== "function") {
    throw new InvalidInput({ field: "onProgress", expected: "a function" })
  }
  checkCall({ ...(signal !== undefined && { signal }), ...(timeout !== undefined && { timeout }) })
  const options = {
    verifyOnly: flag("verifyOnly", verifyOnly),
    isGentle: flag("gentle", gentle),
  }
  if (memory === undefined) return options
  if (!(memory >= 1 && memory <= mebibytesMax())) {
    throw new InvalidInput({ field: "memory", expected: `1 to ${mebibytesMax()}, in MiB` })
  }
  return { ...options, memoryMax: memory * mebibyte }
}

/** Rebuilds a project, and reports each step and the outcome. */
export const rebuild = (project: ProjectId, options: Options, tell: Tell) =>
  Effect.flatMap(Projector, (projector) => projector.rebuild(project, options, tell))

/**
 * Rebuilds a project, after its persons have caught up where it is only compared: a replacement
 * needs no caught-up edition.
 */
export const catchUpAndRebuild = Effect.fnUntraced(function* (
  project: ProjectId,
  options: Options,
  tell: Tell,
) {
  if (options.verifyOnly === true) {
    const { position } = yield* (yield* EventLog).head(project)
    yield* (yield* Freshness).reach(project, position)
  }
  return yield* rebuild(project, options, tell)
})

/** Tells a listener; where it throws, interrupts, because only an interrupted rebuild leaves nothing in the making. */
export const tellOrInterrupt = (tell: () => void): Effect.Effect<void> =>
  Effect.suspend(() => {
    try {
      tell()
      return Effect.void
    } catch {
      return Effect.interrupt
    }
  })

/** Rebuilds a session's project. */
const of = (session: Session, input: RebuildInput) => {
  const options = toOptions(input)
  return heardBy(input.onProgress, (tell: (progress: Progress) => void) =>
    session.run(
      catchUpAndRebuild(session.project, options, (progress) =>
        tellOrInterrupt(() => tell(progress)),
      ),
    ),
  )
}

/** True where a call was given up: it took too long, or its signal was aborted. */
const isGivenUp = (cause: Cause.Cause<OnymousError>): boolean =>
  Cause.hasInterruptsOnly(cause) || OnymousError.is(Cause.squash(cause), "timeout")

/** Rebuilds a session's project; where it was done before the call was given up, that is the answer. */
export const orDone = (
  session: Session,
  input: RebuildInput,
  call: (make: () => Effect.Effect<Outcome, unknown>) => Effect.Effect<Outcome, OnymousError>,
): Effect.Effect<Outcome, OnymousError> =>
  Effect.suspend(() => {
    let done: Outcome | undefined
    const onProgress = (progress: Progress) => {
      done = progress.outcome
      input.onProgress?.(progress)
    }
    return Effect.catchCause(
      call(() => {
        toOptions(input)
        return of(session, { ...input, onProgress })
      }),
      (cause) =>
        done !== undefined && isGivenUp(cause) ? Effect.succeed(done) : Effect.failCause(cause),
    )
  })

/** An edition that was published before an abort stays: then the promise resolves with the outcome. */
export const asPromise = async (
  input: RebuildInput,
  run: (input: RebuildInput) => Promise<Outcome>,
): Promise<Outcome> => {
  let lastOutcome: Outcome | undefined
  const onProgress = (progress: Progress) => {
    lastOutcome = progress.outcome
    input.onProgress?.(progress)
  }
  return run({ ...input, onProgress }).catch((error: unknown) => {
    if (lastOutcome !== undefined && error === input.signal?.reason) return lastOutcome
    throw error
  })
}
