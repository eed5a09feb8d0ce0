import { Cause, Effect } from "effect"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { errorOf } from "./errors/ErrorOf.ts"
import { OnymousError } from "./errors/OnymousError.ts"
import * as ProjectRebuild from "./ProjectRebuild.ts"
import type { RebuildInput, RebuildOutcome, RebuildProgress } from "./ProjectRebuild.ts"
import type { Session } from "./Session.ts"

/** The outcome of one project's rebuild. */
export interface ProjectRebuildOutcome extends RebuildOutcome {
  readonly project: ProjectId
}

/**
 * The options of the rebuilds, and the listener for their progress, which hears the project of each
 * step.
 */
export interface RebuildAllInput extends Omit<RebuildInput, "onProgress"> {
  readonly onProgress?: (progress: RebuildProgress & { readonly project: ProjectId }) => void
}

/** A project whose rebuild failed, and the reason. */
export interface FailedRebuild {
  readonly project: ProjectId
  readonly error: OnymousError
}

/**
 * Some rebuilds failed, after all projects had their turn; the failed projects keep their live
 * edition.
 */
export class NotRebuilt extends OnymousError {
  readonly failed: ReadonlyArray<FailedRebuild>
  readonly outcomes: ReadonlyArray<ProjectRebuildOutcome>

  constructor({ failed, outcomes }: Pick<NotRebuilt, "failed" | "outcomes">) {
    const count = failed.length + outcomes.length
    const names = failed.map(({ project }) => project).join(", ")
    const message = `Of ${count} project${count === 1 ? "" : "s"}, these are not derived anew: ${names}.`
    super({ code: "not_rebuilt", message })
    this.name = "NotRebuilt"
    this.failed = failed
    this.outcomes = outcomes
  }
}

/**
 * Rebuilds the projects one after the other, by id. Any failure of one is reported and the others
 * are still rebuilt; then it fails with `NotRebuilt`.
 */
export const each = Effect.fnUntraced(function* <E, R, R2 = never>(
  one: (project: ProjectId) => Effect.Effect<ProjectRebuildOutcome, E, R>,
  tell: (failed: FailedRebuild) => Effect.Effect<void, never, R2> = () => Effect.void,
) {
  const failed: Array<FailedRebuild> = []
  const outcomes: Array<ProjectRebuildOutcome> = []
  for (const { id: project } of yield* (yield* EventLog).projects) {
    const rebuilt = Effect.map(one(project), (outcome) => void outcomes.push(outcome))
    yield* Effect.catchCauseIf(
      rebuilt,
      (cause) => !Cause.hasInterrupts(cause),
      (cause) => {
        const failure = { project, error: errorOf(Cause.squash(cause)) }
        failed.push(failure)
        return tell(failure)
      },
    )
  }
  if (failed.length > 0) return yield* Effect.fail(new NotRebuilt({ failed, outcomes }))
  return outcomes
})

/** Reports each step; an error of the listener ends all rebuilds and reaches the caller. */
class ProgressReport {
  readonly outcomes: Array<ProjectRebuildOutcome> = []
  listenerError: { readonly error: unknown } | undefined
  readonly #onProgress: NonNullable<RebuildAllInput["onProgress"]>

  constructor(onProgress: RebuildAllInput["onProgress"] = () => {}) {
    this.#onProgress = onProgress
  }

  step(project: ProjectId, progress: RebuildProgress): Effect.Effect<void> {
    return Effect.suspend(() => {
      const { outcome } = progress
      if (outcome !== undefined) this.outcomes.push({ project, ...outcome })
      try {
        this.#onProgress({ project, ...progress })
        return Effect.void
      } catch (error) {
        this.listenerError = { error }
        return Effect.interrupt
      }
    })
  }
}

/** Rebuilds all projects of a session's database, as a promise. */
export const asPromise = async (
  session: Session,
  { onProgress, signal, ...input }: RebuildAllInput,
): Promise<ReadonlyArray<ProjectRebuildOutcome>> => {
  const options = ProjectRebuild.toOptions(input)
  const report = new ProgressReport(onProgress)
  let count = Number.POSITIVE_INFINITY
  const one = (project: ProjectId) =>
    Effect.map(
      ProjectRebuild.catchUpAndRebuild(project, options, (progress) =>
        report.step(project, progress),
      ),
      (outcome) => ({ project, ...outcome }),
    )
  const all = Effect.gen(function* () {
    count = (yield* (yield* EventLog).projects).length
    return yield* each(one)
  })
  return session.run(all, signal).catch((error: unknown) => {
    if (report.listenerError !== undefined) throw report.listenerError.error
    // The last edition was published before the abort, so the rebuilds succeeded.
    const isTooLate = error === signal?.reason && report.outcomes.length === count
    if (isTooLate) return report.outcomes
    throw error
  })
}
