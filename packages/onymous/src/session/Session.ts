import { type Context, Effect } from "effect"
import { Position, zero } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { canonical } from "@onymous/identity/encoding/Json"
import type * as Policy from "@onymous/identity/policy/Policy"
import { ensureProject } from "@onymous/log/EnsureProject"
import { EventLog } from "@onymous/log/EventLog"
import { Persons } from "@onymous/persons/Persons"
import { Freshness } from "@onymous/persons/reading/Freshness"
import { OperatorActions } from "@onymous/projector/OperatorActions"
import { Projector } from "@onymous/projector/Projector"
import { HistorySource } from "@onymous/timetravel/history/HistorySource"
import { TimeTravel } from "@onymous/timetravel/questions/TimeTravel"
import type { Fresh } from "../inputs/CallOptions.ts"
import { type Point, textOf } from "../inputs/QuestionInputs.ts"
import type { Services } from "../OnymousLayer.ts"
import { HostPromises } from "./HostPromises.ts"

/** What the sessions of one process share. */
export interface Shared {
  readonly services: Context.Context<Services>
  /** Fails or dies with the projector, and never ends else. */
  readonly projectorDeath: Effect.Effect<never>
  /** By project, the last position that was written here. */
  readonly written: Map<ProjectId, Position>
  /** The projects of the calls of this process. */
  readonly used: Set<ProjectId>
  /** The projects that are known to be there, each with the rules that were seen to. */
  readonly ensured: Set<string>
  /** By project, what transactions of the host have appended: once they are committed, questions see it. */
  readonly promises: Map<ProjectId, HostPromises>
  readonly host: Host
}

/** Where transactions of the host find the log. */
export interface Host {
  readonly schema: string
  /** Nobody else has a transaction in an embedded database. */
  readonly isServer: boolean
}

/** The rules that a project gets when it is opened. */
export interface Rules {
  readonly policy: Policy.PolicyChange
  /** Sets them whatever rules the project has; else only those of a project in which nothing has happened. */
  readonly isEnforced: boolean
}

/** When a question may be answered, and as of when. */
interface Asked {
  readonly minPosition?: Fresh["minPosition"] | undefined
  readonly at?: Point | undefined
}

/** The calls of one project: each question sees the events of the calls before it. */
export class Session {
  readonly project: ProjectId
  readonly #shared: Shared
  readonly #rules: Rules | undefined
  /** The project with its rules, as a key. */
  readonly #wanted: string

  constructor(shared: Shared, project: ProjectId, rules?: Rules) {
    this.#shared = shared
    this.project = project
    this.#rules = rules
    this.#wanted = canonical({ project, ...rules?.policy, isEnforced: rules?.isEnforced ?? null })
  }

  /** Where transactions of the host find the log. */
  get host(): Host {
    return this.#shared.host
  }

  /** What transactions of the host have appended to the project. */
  get promises(): HostPromises {
    const { promises } = this.#shared
    const known = promises.get(this.project)
    if (known !== undefined) return known
    const made = new HostPromises()
    promises.set(this.project, made)
    return made
  }

  /** Makes the project where it is not there yet, and sees to its rules, once. */
  readonly ready = Effect.suspend(() => {
    const { ensured, used } = this.#shared
    used.add(this.project)
    return ensured.has(this.#wanted) ? Effect.void : this.#provided(this.#makeReady())
  })

  /** Appends events; later questions see them. */
  record<A extends { readonly position: Position }, E>(append: Effect.Effect<A, E, Services>) {
    // Not raced with the projector, because nothing may change the answer of what is committed.
    const recorded = Effect.tap(append, ({ position }) =>
      // What is rolled back has no place, and nobody waits for it.
      Effect.flatMap(EventLog, (log) => log.afterCommit(Effect.sync(() => this.#wrote(position)))),
    )
    return Effect.andThen(this.ready, this.#provided(recorded))
  }

  /** Appends events, after the persons have reached this session's earlier ones. */
  recordAfterCatchUp<A extends { readonly position: Position }, E>(
    append: Effect.Effect<A, E, Services>,
  ) {
    return this.record(Effect.andThen(this.#caughtUp(undefined), append))
  }

  /** Asks once the persons have reached this session's events, and what `minPosition` says. */
  ask<A, E>(question: Effect.Effect<A, E, Services>, { minPosition }: Asked = {}) {
    return this.run(Effect.andThen(this.#caughtUp(minPosition), question))
  }

  /** Asks the persons as of a point, once they have reached it; undefined is now. */
  askAt<A, E>(
    { minPosition, at }: Asked,
    question: (
      persons: Persons["Service"],
      point: Position | undefined,
    ) => Effect.Effect<A, E, Services>,
  ) {
    const { project } = this
    const asked = Effect.gen(function* () {
      const text = textOf(at)
      const source = yield* HistorySource
      const point = text === undefined ? undefined : yield* source.point(project, text, "at")
      return yield* question(yield* Persons, point)
    })
    return this.ask(asked, { minPosition })
  }

  /** Asks about the past once the persons have reached this session's events, and what `minPosition` says. */
  askPast<A, E>(
    { minPosition }: Asked,
    question: (past: TimeTravel["Service"]) => Effect.Effect<A, E, Services>,
  ) {
    return this.ask(Effect.flatMap(TimeTravel, question), { minPosition })
  }

  /** Compares all that is stored with what the log comes to, once the persons have reached its head. */
  verify() {
    const verifying = Effect.flatMap(Projector, ({ verify }) => verify(this.project))
    return this.ask(verifying, { minPosition: "head" })
  }

  /** Runs an effect on the services; it fails where the projector dies. */
  run<A, E>(effect: Effect.Effect<A, E, Services>) {
    const provided = this.#provided(effect)
    return Effect.andThen(this.ready, Effect.raceFirst(provided, this.#shared.projectorDeath))
  }

  #provided<A, E>(effect: Effect.Effect<A, E, Services>): Effect.Effect<A, E> {
    return Effect.provideContext(effect, this.#shared.services)
  }

  #wrote(position: Position): void {
    const { written } = this.#shared
    if (position > (written.get(this.project) ?? zero)) written.set(this.project, position)
  }

  #makeReady() {
    const making = Effect.gen({ self: this }, function* () {
      yield* ensureProject(this.project)
      if (this.#rules !== undefined) yield* this.#ensureRules(this.#rules)
      this.#shared.ensured.add(this.#wanted)
    })
    // Others know the project from now on, whatever becomes of a transaction around.
    return Effect.flatMap(EventLog, (log) => log.apart(this.#provided(making)))
  }

  #ensureRules({ policy, isEnforced }: Rules) {
    return Effect.gen({ self: this }, function* () {
      const actions = yield* OperatorActions
      const found = yield* actions.ensurePolicy(this.project, policy, isEnforced)
      // Questions see the rules that hold from here on.
      this.#wrote((yield* this.#head()).position)
      if (found === "hold") return
      yield* Effect.logWarning(
        `Project ${this.project} has other rules than it was opened with, and keeps them: enforcePolicy sets them.`,
      )
    })
  }

  #head() {
    return Effect.flatMap(EventLog, (log) => log.head(this.project))
  }

  #caughtUp(minPosition: Asked["minPosition"]) {
    return Effect.gen({ self: this }, function* () {
      const promises = this.#shared.promises.get(this.project)
      if (promises !== undefined) this.#wrote(yield* promises.committed(this.project))
      const written = this.#shared.written.get(this.project) ?? zero
      const wanted =
        minPosition === "head" ? (yield* this.#head()).position : Position(minPosition ?? 0)
      const position = wanted > written ? wanted : written
      yield* (yield* Freshness).reach(this.project, position)
    })
  }
}
