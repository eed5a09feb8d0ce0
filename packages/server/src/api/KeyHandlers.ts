import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "@onymous/api/Api"
import * as ProjectForms from "@onymous/api/forms/ProjectForms"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { noProject } from "../access/BearerAuthorization.ts"
import * as Keys from "../access/Keys.ts"
import * as ApiFailure from "../http/ApiFailure.ts"

/** Lists, makes and ends the secret keys of a project for the operator. */
export const layer = HttpApiBuilder.group(
  Api,
  "keys",
  Effect.fnUntraced(function* (handlers) {
    const log = yield* EventLog
    const asked = <A, E>(answer: Effect.Effect<A, E>) =>
      Effect.mapError(answer, () => ApiFailure.unavailable)
    const found = Effect.fnUntraced(function* (id: string) {
      const project = yield* asked(log.project(ProjectId(id)))
      return project === undefined ? yield* noProject(id) : project
    })
    return handlers.handleAll({
      list: Effect.fnUntraced(function* ({ params }) {
        const project = yield* found(params.project)
        return ProjectForms.keys(project, yield* asked(log.keys(project.id)))
      }),
      make: Effect.fnUntraced(function* ({ params, payload: { name } }) {
        const { id: project } = yield* found(params.project)
        if (!Keys.isName(name)) {
          return yield* ApiFailure.ofBody({ field: "name", expected: Keys.nameExpected })
        }
        const key = Keys.random()
        const wanted = { project, name, hash: Keys.hash(key), where: "name is free" } as const
        if (!(yield* asked(log.addKey(wanted)))) {
          return yield* ApiFailure.ofBody({ field: "name", expected: "a name that no key has" })
        }
        return { project, name, key }
      }),
      end: Effect.fnUntraced(function* ({ params, payload: { name } }) {
        const { id: project } = yield* found(params.project)
        if (!(yield* asked(log.endKey(project, name)))) {
          return yield* ApiFailure.ofBody({
            field: "name",
            expected: "the name of a key that holds",
          })
        }
        const holding = (yield* asked(log.keyHashes(project))) ?? []
        return { project, name, holding: holding.length }
      }),
    })
  }),
)
