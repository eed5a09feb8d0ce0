import { Effect, Stream } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "@onymous/api/Api"
import { CurrentProject } from "@onymous/api/Authorization"
import { ProjectId } from "@onymous/identity/ProjectId"
import { type Progress, Projector } from "@onymous/projector/Projector"
import * as Failure from "./Failure.ts"

const stepOf = ({ position, head, comparison, outcome }: Progress) => ({
  position,
  head,
  ...(comparison && {
    compared_at: comparison.position,
    same: comparison.isSame,
    differing_persons: comparison.persons,
  }),
  ...(outcome && { state_hash: outcome.stateHash, published: outcome.isPublished }),
})

/** Tells each step of a rebuild, which leaves nothing to go on with when its reader hangs up. */
export const layer = HttpApiBuilder.group(
  Api,
  "rebuilding",
  Effect.fnUntraced(function* (handlers) {
    const { rebuild } = yield* Projector
    return handlers.handleAll({
      rebuild: Effect.fnUntraced(function* ({ query: { verify_only = "false" } }) {
        const project = ProjectId((yield* CurrentProject).id)
        const steps = rebuild(project, { verifyOnly: verify_only !== "false" })
        // Its status is sent long before it may fail: it fails in a line of its own.
        return Stream.catch(Stream.map(steps, stepOf), (error) =>
          Stream.succeed({ error: Failure.ofRebuild(error) }),
        )
      }),
    })
  }),
)
