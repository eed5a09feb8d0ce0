import { Effect } from "effect"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { memoryMost } from "@onymous/projector/rebuild/HeapLimit"
import { Projector } from "@onymous/projector/Projector"
import type { Options, Outcome, Progress, Tell } from "@onymous/projector/rebuild/Rebuild"
import { InvalidEvent } from "./Inputs.ts"
import { followSeconds, type Session } from "./Session.ts"

export type { Progress as RebuildProgress } from "@onymous/projector/rebuild/Rebuild"

export type { Outcome as RebuildOutcome } from "@onymous/projector/rebuild/Rebuild"

/** How a rebuild is done, and who is told of it. */
export interface RebuildInput {
  /** Only compares: what is live stays. */
  readonly verifyOnly?: boolean
  /** MiB that it may hold in memory, by default two fifths of the heap; what does not fit goes by pages. */
  readonly memory?: number
  /** For a process that answers others: works in short turns and rests for as long after each, a second at most. */
  readonly gentle?: boolean
  /** Is told each step. */
  readonly onProgress?: (progress: Progress) => void
  /** Aborted, it leaves nothing in the making, and the promise rejects with the signal's reason. */
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

/** A flag that is neither true nor false is refused, because it may decide whether the live edition is replaced. */
const flag = (field: "verifyOnly" | "gentle", value = false): boolean => {
  if (typeof value !== "boolean") throw new InvalidEvent({ field, expected: "true or false" })
  return value
}

const mebibyte = 1024 * 1024

/** The most that a rebuild may be given, in MiB: half of the heap. */
export const mebibytesMax = (): number => Math.floor(memoryMost() / mebibyte)

/** What the projector is asked for; throws `InvalidEvent`. */
export const toOptions = (input: RebuildInput): Options => {
  const unknown = Object.keys(input).find((name) => !names.has(name))
  if (unknown !== undefined) {
    throw new InvalidEvent({ field: unknown, expected: `one of ${[...names].join(", ")}` })
  }
  const { memory, verifyOnly, gentle } = input
  const options = {
    verifyOnly: flag("verifyOnly", verifyOnly),
    isGentle: flag("gentle", gentle),
  }
  if (memory === undefined) return options
  if (!(memory >= 1 && memory <= mebibytesMax())) {
    throw new InvalidEvent({ field: "memory", expected: `1 to ${mebibytesMax()}, in MiB` })
  }
  return { ...options, memoryMax: memory * mebibyte }
}

/** Derives a project anew, tells each step, and what came of it. */
export const rebuild = (project: ProjectId, options: Options, tell: Tell) =>
  Effect.flatMap(Projector, (projector) => projector.rebuild(project, options, tell))

/** The same; what is only compared has to be there, what is replaced may be behind for good. */
export const rebuildFollowed = Effect.fnUntraced(function* (
  project: ProjectId,
  options: Options,
  tell: Tell,
) {
  if (options.verifyOnly === true) {
    const { position } = yield* (yield* EventLog).head(project)
    yield* (yield* Projector).reached(project, position, followSeconds)
  }
  return yield* rebuild(project, options, tell)
})

/** The same as a promise of a session. */
export const promised = async (
  session: Session,
  project: ProjectId,
  input: RebuildInput,
): Promise<Outcome> => {
  const { onProgress = () => {}, signal } = input
  const options = toOptions(input)
  let told: Outcome | undefined
  const rebuilt = rebuildFollowed(project, options, (progress) =>
    Effect.sync(() => {
      told = progress.outcome
      onProgress(progress)
    }),
  )
  return session.run(rebuilt, signal).catch((error: unknown) => {
    // An abort after the edition was published comes too late.
    if (told !== undefined && error === signal?.reason) return told
    throw error
  })
}
