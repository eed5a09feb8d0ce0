import { Effect, Stream } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "@onymous/api/Api"
import { CurrentProject } from "@onymous/api/Authorization"
import { ProjectId } from "@onymous/identity/ProjectId"
import { type Progress, Projector } from "@onymous/projector/Projector"

const stepOf = ({ position, head, outcome }: Progress) => ({
  position,
  head,
  ...(outcome && {
    state_hash: outcome.stateHash,
    published: outcome.isPublished,
    compared_at: outcome.comparison.position,
    same: outcome.comparison.isSame,
    differing_persons: outcome.comparison.persons,
  }),
})

/** Tells each step of a rebuild, which leaves nothing behind when its reader hangs up. */
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
