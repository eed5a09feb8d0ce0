import { Effect } from "effect"
import { zero } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { Persons } from "@onymous/persons/Persons"
import type { Scope } from "@onymous/server/api/questions/ProjectQuestions"
import { HistorySource } from "@onymous/timetravel/history/HistorySource"

interface Request {
  readonly params: { readonly project: string }
  readonly query: { readonly at?: string | undefined }
}

/** The answer as of the point that a question names, with the position of that answer. */
export const answer = Effect.fnUntraced(function* <A extends object, E, R>(
  { params, query }: Request,
  ask: (scope: Scope) => Effect.Effect<A, E, R>,
) {
  const project = ProjectId(params.project)
  const source = yield* HistorySource
  const at = query.at === undefined ? undefined : yield* source.point(project, query.at, "at")
  // Read after the point is found, because finding it waits for the persons to reach it.
  const checkpoint = (yield* (yield* Persons).checkpoint(project))?.position ?? zero
  const position = Math.min(at ?? checkpoint, checkpoint)
  return { ...(yield* ask({ project, checkpoint, at })), position }
})
