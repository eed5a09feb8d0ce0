import { Effect, Stream } from "effect"
import type * as RebuildForms from "@onymous/api/forms/RebuildForms"
import * as AskingError from "./AskingError.ts"
import type { Found } from "./ServerFile.ts"
import * as ServerQuestions from "./ServerQuestions.ts"

/** The project to rebuild on a running server; undefined for all. */
interface Wanted {
  readonly project: string | undefined
  readonly verifyOnly: boolean
}

/** A step of a project's rebuild, or its failure. */
export type ServerStep = typeof RebuildForms.RebuildStepOfProject.Type

/** Starts a rebuild on a running server, and hears its steps; an interruption hangs up, which cancels the rebuild. */
export const run = Effect.fnUntraced(
  function* <E, R>(
    server: Found,
    { project, verifyOnly }: Wanted,
    hear: (step: ServerStep) => Effect.Effect<void, E, R>,
  ) {
    const { rebuilding, rebuildingAll } = yield* ServerQuestions.make(server)
    const query = { verify_only: verifyOnly ? ("true" as const) : ("false" as const) }
    const steps =
      project === undefined
        ? yield* rebuildingAll.rebuildAll({ query })
        : Stream.map(yield* rebuilding.rebuild({ params: { project }, query }), (step) => ({
            project,
            ...step,
          }))
    yield* Stream.runForEach(steps, hear)
  },
  (effect, { url }) => Effect.mapError(effect, AskingError.ofAnswer({ url })),
)
