import { Effect, Stream } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "@onymous/api/Api"
import { CurrentProject } from "@onymous/api/Authorization"
import { ProjectId } from "@onymous/identity/ProjectId"
import { type Progress, Projector } from "@onymous/projector/Projector"

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
        return Stream.map(rebuild(project, { verifyOnly: verify_only !== "false" }), stepOf)
      }),
    })
  }),
)
