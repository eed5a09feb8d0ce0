import { Cache, Duration, Effect } from "effect"
import * as Presets from "@onymous/identity/policy/Presets"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { Persons } from "@onymous/persons/Persons"

/** How long a door goes by what it knew: a token that was replaced works for so long. */
const remembered = Duration.seconds(2)

const projectsMax = 10_000

/** Which project a token opens, and the rules at its door, without a question to the database each time. */
export const make = Effect.gen(function* () {
  const log = yield* EventLog
  const persons = yield* Persons
  const projects = yield* Effect.cachedWithTTL(log.projects, remembered)
  const rules = yield* Cache.make({
    capacity: projectsMax,
    timeToLive: remembered,
    lookup: (project: ProjectId) =>
      Effect.map(persons.checkpoint(project), (checkpoint) => checkpoint?.policy ?? Presets.page),
  })
  const find = (token: string) =>
    Effect.map(projects, (all) => all.find((project) => project.token === token)?.id)
  return {
    /** The project of a token; one that is not known is looked for again. */
    projectOf: Effect.fnUntraced(function* (token: string) {
      const known = yield* find(token)
      if (known !== undefined) return known
      return (yield* log.projects).find((project) => project.token === token)?.id
    }),
    /** The rules that hold where the persons of a project are; the page's, where nobody can say. */
    rulesOf: (project: ProjectId) =>
      Effect.orElseSucceed(Cache.get(rules, project), () => Presets.page),
  }
})

export type Doors = Effect.Success<typeof make>
