import { Effect } from "effect"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { memoryMost } from "@onymous/projector/rebuild/HeapLimit"
import { Freshness } from "@onymous/persons/reading/Freshness"
import { Projector } from "@onymous/projector/Projector"
import type { Options, Outcome, Progress, Tell } from "@onymous/projector/rebuild/Rebuild"
import { InvalidInput } from "./errors/InvalidInput.ts"
import type { Session } from "./Session.ts"

export type { Progress as RebuildProgress } from "@onymous/projector/rebuild/Rebuild"

export type { Outcome as RebuildOutcome } from "@onymous/projector/rebuild/Rebuild"

/** The options of a rebuild, and the listener for its progress. */
export interface RebuildInput {
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
  /** An abort leaves nothing in the making; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

/** A misspelt option is refused, because it would make a comparison into a replacement. */
const names: ReadonlySet<string> = new Set([
  "verifyOnly",
  "memory",
  "gentle",
  "onProgress",
  "signal",
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
  const { memory, verifyOnly, gentle } = input
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

/** Rebuilds a session's project, as a promise. */
export const asPromise = async (
  session: Session,
  project: ProjectId,
  input: RebuildInput,
): Promise<Outcome> => {
  const { onProgress = () => {}, signal } = input
  const options = toOptions(input)
  let lastOutcome: Outcome | undefined
  let listenerError: { readonly error: unknown } | undefined
  const rebuilt = catchUpAndRebuild(project, options, (progress) =>
    Effect.suspend(() => {
      lastOutcome = progress.outcome
      try {
        onProgress(progress)
        return Effect.void
      } catch (error) {
        listenerError = { error }
        return Effect.interrupt
      }
    }),
  )
  return session.run(rebuilt, signal).catch((error: unknown) => {
    if (listenerError !== undefined) throw listenerError.error
    // The edition was published before the abort, so the rebuild succeeded.
    if (lastOutcome !== undefined && error === signal?.reason) return lastOutcome
    throw error
  })
}
