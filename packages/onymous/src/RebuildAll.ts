import { Cause, Effect } from "effect"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { errorOf } from "./errors/ErrorOf.ts"
import { OnymousError } from "./errors/OnymousError.ts"
import { heardBy } from "./session/Listening.ts"
import * as ProjectRebuild from "./ProjectRebuild.ts"
import type { RebuildInput, RebuildOutcome, RebuildProgress } from "./ProjectRebuild.ts"
import type { Session } from "./session/Session.ts"

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

/** Rebuilds all projects of a session's database. */
export const of = (session: Session, { onProgress, ...input }: RebuildAllInput) => {
  const options = ProjectRebuild.toOptions(input)
  return heardBy(onProgress, (tell: NonNullable<RebuildAllInput["onProgress"]>) => {
    const one = (project: ProjectId) =>
      Effect.map(
        ProjectRebuild.catchUpAndRebuild(project, options, (progress) =>
          ProjectRebuild.tellOrInterrupt(() => tell({ project, ...progress })),
        ),
        (outcome) => ({ project, ...outcome }),
      )
    return session.run(each(one))
  })
}

/** Where the last edition was published before an abort or the limit, the promise resolves with all outcomes. */
export const asPromise = async (
  input: RebuildAllInput,
  countProjects: () => Promise<number>,
  run: (input: RebuildAllInput) => Promise<ReadonlyArray<ProjectRebuildOutcome>>,
): Promise<ReadonlyArray<ProjectRebuildOutcome>> => {
  const outcomes: Array<ProjectRebuildOutcome> = []
  const onProgress: NonNullable<RebuildAllInput["onProgress"]> = (progress) => {
    const { project, outcome } = progress
    if (outcome !== undefined) outcomes.push({ project, ...outcome })
    input.onProgress?.(progress)
  }
  return run({ ...input, onProgress }).catch(async (error: unknown) => {
    const isGivenUp = error === input.signal?.reason || OnymousError.is(error, "timeout")
    const isDone = isGivenUp && outcomes.length > 0
    if (isDone && outcomes.length === (await countProjects())) return outcomes
    throw error
  })
}
