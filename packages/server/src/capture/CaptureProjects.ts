import { Cache, Duration, Effect, Exit } from "effect"
import * as Presets from "@onymous/identity/policy/Presets"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { Persons } from "@onymous/persons/Persons"

/** Cache lifetime of tokens and policies: a token that was replaced works for so long. */
const lifetime = Duration.seconds(2)

/** Cache lifetime of a token that no project has; a failure has none. */
const unknownLifetime = Duration.seconds(1)

/** Cache capacity, which a client who makes up tokens fills. */
const tokensMax = 10_000

/** A longer token is looked up each time, because a client chooses how much memory it takes. */
const tokenLengthMax = 200

const projectsMax = 10_000

/** Cache lifetime of a lag: for so long, captures may go beyond the one that is allowed. */
const lagLifetime = Duration.seconds(1)

/** Which project a token opens, and the rules at its door, without a question to the database each time. */
export const make = Effect.gen(function* () {
  const log = yield* EventLog
  const persons = yield* Persons
  const lookUp = (token: string) => Effect.map(log.projectOf(token), (project) => project?.id)
  const projects = yield* Cache.makeWith(lookUp, {
    capacity: tokensMax,
    timeToLive: (exit) =>
      Exit.isFailure(exit) ? 0 : exit.value === undefined ? unknownLifetime : lifetime,
  })
  const lookUpRules = (project: ProjectId) =>
    Effect.map(persons.checkpoint(project), (checkpoint) => checkpoint?.policy ?? Presets.page)
  const rules = yield* Cache.makeWith(lookUpRules, {
    capacity: projectsMax,
    timeToLive: (exit) => (Exit.isFailure(exit) ? 0 : lifetime),
  })
  // The checkpoint is read first: read later, it could be past the head.
  const lookUpLag = Effect.fnUntraced(function* (project: ProjectId) {
    const checkpoint = yield* persons.checkpoint(project)
    return (yield* log.head(project)).position - (checkpoint?.position ?? 0)
  })
  const lags = yield* Cache.makeWith(lookUpLag, {
    capacity: projectsMax,
    timeToLive: (exit) => (Exit.isFailure(exit) ? 0 : lagLifetime),
  })
  return {
    /** How many events the persons of a project are behind its log. */
    lagOf: (project: ProjectId) => Cache.get(lags, project),
    /** The project of a token, if there is one. */
    projectOf: (token: string) =>
      token.length > tokenLengthMax ? lookUp(token) : Cache.get(projects, token),
    /**
     * The rules that hold where the persons of a project are. Where nobody can say, it fails, because
     * other rules may read another id out of an event, for good.
     */
    rulesOf: (project: ProjectId) => Cache.get(rules, project),
  }
})

export type Doors = Effect.Success<typeof make>
