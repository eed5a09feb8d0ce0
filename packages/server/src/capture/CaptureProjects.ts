import { Cache, Clock, Duration, Effect, Exit } from "effect"
import type { Policy } from "@onymous/identity/policy/Policy"
import * as Presets from "@onymous/identity/policy/Presets"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { Persons } from "@onymous/persons/Persons"

/** Cache lifetime of tokens and policies; a replaced token works until then. */
const lifetime = Duration.seconds(2)

/** How long a capture waits for the rules that hold now, where it knows those of before. */
const patience = Duration.seconds(1)

/** How long after a look rules are those of before where the next look has no answer; that look counts as one, too. */
const trusted = Duration.seconds(5)

/** Cache lifetime of a token that no project has; failures are not cached. */
const unknownLifetime = Duration.seconds(1)

/** Cache capacity, which a client can fill with invented tokens. */
const tokensMax = 10_000

/** Longer tokens are not cached, because clients choose how much memory they take. */
const tokenLengthMax = 200

const projectsMax = 10_000

/** Cache lifetime of a lag, for which captures may exceed the allowed lag. */
const lagLifetime = Duration.seconds(1)

/** The projects of tokens, with their policies and lags, from caches. */
export const make = Effect.gen(function* () {
  const log = yield* EventLog
  const persons = yield* Persons
  const lookUp = (token: string) => Effect.map(log.projectOf(token), (project) => project?.id)
  const projects = yield* Cache.makeWith(lookUp, {
    capacity: tokensMax,
    timeToLive: (exit) =>
      Exit.isFailure(exit) ? 0 : exit.value === undefined ? unknownLifetime : lifetime,
  })
  const known = new Map<ProjectId, { readonly policy: Policy; readonly at: number }>()
  const remember = (project: ProjectId, policy: Policy, at: number): Policy => {
    known.delete(project)
    const [oldest] = known.keys()
    if (known.size >= projectsMax && oldest !== undefined) known.delete(oldest)
    known.set(project, { policy, at })
    return policy
  }
  const lookUpRules = Effect.fnUntraced(function* (project: ProjectId) {
    const at = yield* Clock.currentTimeMillis
    const found = Effect.map(persons.checkpoint(project), (checkpoint) =>
      remember(project, checkpoint?.policy ?? Presets.page, at),
    )
    const last = known.get(project)
    if (last === undefined || at - last.at > Duration.toMillis(trusted)) return yield* found
    // A lock on the derived tables must not hold captures up, and while it lasts no projector changes the rules.
    return yield* Effect.timeoutOrElse(found, {
      duration: patience,
      orElse: () => Effect.sync(() => remember(project, last.policy, at)),
    })
  })
  const rules = yield* Cache.makeWith(lookUpRules, {
    capacity: projectsMax,
    timeToLive: (exit) => (Exit.isFailure(exit) ? 0 : lifetime),
  })
  // The checkpoint is read before the head, because otherwise it could be past that head.
  const lookUpLag = Effect.fnUntraced(function* (project: ProjectId) {
    const checkpoint = yield* persons.checkpoint(project)
    return (yield* log.head(project)).position - (checkpoint?.position ?? 0)
  })
  const lags = yield* Cache.makeWith(lookUpLag, {
    capacity: projectsMax,
    timeToLive: (exit) => (Exit.isFailure(exit) ? 0 : lagLifetime),
  })
  return {
    /** The lag of a project's persons, in events. */
    lagOf: (project: ProjectId) => Cache.get(lags, project),
    /** The project of a token, if there is one. */
    projectOf: (token: string) =>
      token.length > tokenLengthMax ? lookUp(token) : Cache.get(projects, token),
    /**
     * The rules of a project at its checkpoint, or those of a few seconds before where a lock hides them. It fails where
     * they cannot be read, because other rules might read another id out of an event, for good.
     */
    rulesOf: (project: ProjectId) => Cache.get(rules, project),
  }
})

export type Doors = Effect.Success<typeof make>
