import { Cause, Effect } from "effect"
import type { ProjectId } from "@onymous/identity/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import * as Rebuilding from "./Rebuilding.ts"
import type { RebuildInput, RebuildOutcome, RebuildProgress } from "./Rebuilding.ts"
import type { Session } from "./Session.ts"

/** What the rebuild of one of all projects came to. */
export interface ProjectRebuildOutcome extends RebuildOutcome {
  readonly project: ProjectId
}

/** How all projects are rebuilt, and who is told of it: each step names its project. */
export interface RebuildAllInput extends Omit<RebuildInput, "onProgress"> {
  readonly onProgress?: (progress: RebuildProgress & { readonly project: ProjectId }) => void
}

/** A project that could not be derived anew, and why. */
export interface FailedRebuild {
  readonly project: ProjectId
  readonly error: unknown
}

/** All projects have had their turn; what is live of those that failed is as it was. */
export class NotRebuilt extends Error {
  readonly failed: ReadonlyArray<FailedRebuild>
  readonly outcomes: ReadonlyArray<ProjectRebuildOutcome>

  constructor({ failed, outcomes }: Pick<NotRebuilt, "failed" | "outcomes">) {
    const names = failed.map(({ project }) => project).join(", ")
    const count = failed.length + outcomes.length
    super(`Of ${count} projects, these are not derived anew: ${names}.`)
    this.name = "NotRebuilt"
    this.failed = failed
    this.outcomes = outcomes
  }
}

/**
 * Rebuilds each project, by id, one after the other: where one fails, whatever of, that is told, and the
 * others have their turn before it fails with `NotRebuilt`.
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
        const failure = { project, error: Cause.squash(cause) }
        failed.push(failure)
        return tell(failure)
      },
    )
  }
  if (failed.length > 0) return yield* Effect.fail(new NotRebuilt({ failed, outcomes }))
  return outcomes
})

/** The same as a promise of a session. */
export const promised = async (
  session: Session,
  { onProgress = () => {}, signal, ...input }: RebuildAllInput,
): Promise<ReadonlyArray<ProjectRebuildOutcome>> => {
  const options = Rebuilding.toOptions(input)
  const one = (project: ProjectId) =>
    Effect.map(
      Rebuilding.rebuildFollowed(project, options, (progress) =>
        Effect.sync(() => onProgress({ project, ...progress })),
      ),
      (outcome) => ({ project, ...outcome }),
    )
  return session.run(each(one), signal)
}
