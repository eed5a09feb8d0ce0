import { Effect } from "effect"
import type { InvalidQuestion } from "@onymous/api/ApiError"
import * as ProjectForms from "@onymous/api/forms/ProjectForms"
import type { KeysApi } from "@onymous/api/KeysApi"
import type { QuestionsOf } from "@onymous/api/Questions"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { type EventLog, type EventLogError, projectNotFound } from "@onymous/log/EventLog"
import * as Keys from "../../access/Keys.ts"
import * as ApiFailure from "../../http/ApiFailure.ts"

const refused = (expected: string) => ApiFailure.ofRefusal({ field: "name", expected })

/** Lists, makes and ends the keys of a project, in the API's forms, for the server and the command line. */
export const of = (
  log: EventLog["Service"],
): QuestionsOf<typeof KeysApi, EventLogError | InvalidQuestion> => {
  const found = Effect.fnUntraced(function* (id: string) {
    const project = yield* log.project(ProjectId(id))
    return project === undefined ? yield* projectNotFound(ProjectId(id)) : project
  })
  return {
    list: Effect.fnUntraced(function* ({ params }) {
      const project = yield* found(params.project)
      return ProjectForms.keys(project, yield* log.keys(project.id))
    }),
    make: Effect.fnUntraced(function* ({ params, payload: { name } }) {
      const { id: project } = yield* found(params.project)
      if (!Keys.isName(name)) {
        return yield* ApiFailure.ofBody({ field: "name", expected: Keys.nameExpected })
      }
      const key = Keys.random()
      const wanted = { project, name, hash: Keys.hash(key), where: "name is free" } as const
      if (!(yield* log.addKey(wanted))) return yield* refused("a name that no key has")
      return { project, name, key }
    }),
    end: Effect.fnUntraced(function* ({ params, payload: { name } }) {
      const { id: project } = yield* found(params.project)
      if (!(yield* log.endKey(project, name))) {
        return yield* refused("the name of a key that holds")
      }
      const holding = (yield* log.keyHashes(project)) ?? []
      return { project, name, holding: holding.length }
    }),
  }
}
