import { Cause, Effect, type Exit, Exit as Exits, Fiber, ManagedRuntime, Stream } from "effect"
import { DistinctId } from "@onymous/identity/DistinctId"
import type { Operation } from "@onymous/identity/Event"
import * as Identity from "@onymous/identity/Identity"
import { canonical } from "@onymous/identity/Json"
import * as Policy from "@onymous/identity/Policy"
import { type Position, zero } from "@onymous/identity/Position"
import { ProjectId } from "@onymous/identity/ProjectId"
import { remedy } from "@onymous/identity/Warning"
import { EventLog } from "@onymous/log/EventLog"
import * as InternalUsers from "@onymous/projector/InternalUsers"
import * as Operations from "@onymous/projector/Operations"
import { Persons, type WaitingView } from "@onymous/projector/Persons"
import { type Progress, Projector } from "@onymous/projector/Projector"
import type { Difference } from "@onymous/timetravel/Difference"
import type { History } from "@onymous/timetravel/History"
import * as Load from "@onymous/timetravel/Load"
import * as Point from "@onymous/timetravel/Point"
import { type Verified, verify } from "@onymous/timetravel/Verify"
import * as WhatIf from "@onymous/timetravel/WhatIf"
import * as Why from "@onymous/timetravel/Why"
import { type Person, type PersonsPage, type ToldWarning, toPerson } from "./Answers.ts"
import * as Inputs from "./Inputs.ts"
import {
  type AliasInput,
  type CaptureInput,
  type EditInput,
  type IdentifyInput,
  InvalidEvent,
  type MergeInput,
  type OperatorInput,
  type PersonsInput,
  type PointOption,
  type RetractInput,
  type SplitInput,
  type WhatIfInput,
} from "./Inputs.ts"
import * as Services from "./Services.ts"

export type { Services } from "./Services.ts"
export { layer } from "./Services.ts"
export type { Person, PersonsPage, ToldWarning } from "./Answers.ts"
export * from "./Inputs.ts"

/** Where Onymous keeps its log, and for which project. */
export interface Options {
  /** `postgres://…`, a directory for the embedded database, or `memory`. */
  readonly database: string
  /** The project that the events belong to; made when it is not there yet. Default `1`. */
  readonly project?: string
  /** Fields of the policy that shall hold from now on; recorded only where one of them differs. */
  readonly policy?: Policy.PolicyChange
}

/** How long a question waits for the persons to follow the events captured here. */
const followSeconds = 30

/** How many warnings are read at once. */
const warningsPage = 1000

/**
 * Onymous in a backend, without Effect: events in, persons and warnings out. Every call reads its
 * own writes; every promise rejects with an error that says what was wrong.
 */
export class Onymous {
  readonly #runtime: ManagedRuntime.ManagedRuntime<Services.Services, unknown>
  readonly #project: ProjectId
  /** Ends only when the projector has died; then every call rejects with the reason. */
  readonly #projector: Fiber.Fiber<never, unknown>
  #position: Position = zero
  #isClosed = false

  private constructor(
    runtime: ManagedRuntime.ManagedRuntime<Services.Services, unknown>,
    project: ProjectId,
  ) {
    this.#runtime = runtime
    this.#project = project
    this.#projector = runtime.runFork(Effect.flatMap(Projector, (projector) => projector.run))
  }

  /** Opens the database, brings its tables up to date, and follows the log from there on. */
  static async open(options: Options): Promise<Onymous> {
    const project = ProjectId(options.project ?? "1")
    const wanted = options.policy && Inputs.toPolicyChange(options.policy)
    const runtime = ManagedRuntime.make(Services.layer(options.database))
    try {
      await runtime.runPromise(Services.ensureProject(project))
    } catch (error) {
      await runtime.dispose()
      throw error
    }
    const onymous = new Onymous(runtime, project)
    if (wanted !== undefined) await onymous.#ensurePolicy(wanted)
    return onymous
  }

  /** Appends an event; once it resolves, the event is in the log for good. */
  async capture(input: CaptureInput): Promise<{ readonly position: number }> {
    const incoming = Inputs.toEvent(input)
    const append = Effect.flatMap(EventLog, (log) => log.append(this.#project, [incoming]))
    return this.#recorded(Effect.map(append, ({ position }) => ({ position })))
  }

  /** Merges an anonymous id into a user's, as the SDKs' `identify` does (SPEC §2). */
  identify(input: IdentifyInput): Promise<{ readonly position: number }> {
    return this.capture({
      distinctId: input.distinctId,
      event: "$identify",
      properties: {
        ...(input.anonymousId !== undefined && { $anon_distinct_id: input.anonymousId }),
        ...(input.set && { $set: input.set }),
        ...(input.setOnce && { $set_once: input.setOnce }),
      },
    })
  }

  /** Gives a person another id, as the SDKs' `alias` does (SPEC §2). */
  async alias(input: AliasInput): Promise<{ readonly position: number }> {
    const { distinctId, alias } = input
    if (!alias) throw new InvalidEvent({ field: "alias", expected: "a text that is not empty" })
    return this.capture({ distinctId, event: "$create_alias", properties: { alias } })
  }

  /** Makes persons of the distinct ids of one (P56). */
  split({ mainDistinctId, only, ...input }: SplitInput): Promise<{ readonly position: number }> {
    const more = { main_distinct_id: mainDistinctId, distinct_ids_to_split: only }
    return this.#operate(() => Inputs.toOperation("persons.split", input, more))
  }

  /** Deletes a person for good: its ids start afresh when they are seen again (SPEC §8). */
  deletePerson(input: OperatorInput): Promise<{ readonly position: number }> {
    return this.#operate(() => Inputs.toOperation("persons.delete", input))
  }

  /** Merges two persons on purpose, whatever is identified (SPEC §8). */
  merge({ source, ...input }: MergeInput): Promise<{ readonly position: number }> {
    return this.#operate(() => Inputs.toOperation("persons.merge", input, { alias: source }))
  }

  /** Sets properties of a person, or deletes some (P57). */
  edit({ set, unset, ...input }: EditInput): Promise<{ readonly position: number }> {
    return set === undefined
      ? this.#operate(() => Inputs.toOperation("persons.delete_property", input, { $unset: unset }))
      : this.#operate(() => Inputs.toOperation("persons.patch", input, { properties: set }))
  }

  /** The rules that hold now (SPEC §1). */
  policy(): Promise<Policy.Policy> {
    return this.#ask((persons) =>
      Effect.map(persons.checkpoint(this.#project), (at) => at?.policy ?? Policy.page),
    )
  }

  /** Changes fields of the rules from here on: a fact in the log like any other. */
  async changePolicy(change: Policy.PolicyChange): Promise<{ readonly position: number }> {
    const wanted = Inputs.toPolicyChange(change)
    return this.#recorded(asAnswer(Operations.changePolicy(this.#project, wanted)))
  }

  /** Events that wait for one that merges their id, newest first (SPEC §4). */
  waiting(limit = 100): Promise<ReadonlyArray<WaitingView>> {
    return this.#ask((persons) => persons.waiting({ project: this.#project, limit }))
  }

  /** Persons, newest first; `filterInternal` leaves out the project's own people (SPEC §7). */
  async persons(question: PersonsInput = {}): Promise<PersonsPage> {
    const { limit = 100, search, cursor, filterInternal = false } = question
    const asked = {
      project: this.#project,
      limit,
      ...(search !== undefined && { search }),
      ...(cursor !== undefined && { cursor }),
    }
    const { results, next } = await this.#ask((persons) =>
      filterInternal ? InternalUsers.list(asked) : persons.list(asked),
    )
    return { results: results.map(toPerson), next }
  }

  /** The person that a distinct id leads to, after all events captured here, or led to at a point. */
  async person(distinctId: string, options: PointOption = {}): Promise<Person | undefined> {
    const id = DistinctId(distinctId)
    const found = await this.#ask((persons) =>
      Effect.flatMap(this.#pointOf(options), (at) => persons.find(this.#project, id, at)),
    )
    return found && toPerson(found)
  }

  /** Why two distinct ids are one person, now or at a point, or what kept them apart (SPEC §8). */
  async why(a: string, b: string, options: PointOption = {}): Promise<Why.Answer> {
    const history = await this.history([a, b])
    const at = await this.#run(this.#pointOf(options))
    return Why.why(history, DistinctId(a), DistinctId(b), at)
  }

  /**
   * The past in memory, to be asked by the functions of `onymous/Past`: all of it, or, at the cost of
   * what there is to say of them, what is about some distinct ids.
   */
  history(distinctIds?: ReadonlyArray<string>): Promise<History> {
    const project = this.#project
    return distinctIds === undefined
      ? this.#ask(() => Load.history(project))
      : this.#ask(() => Load.about(project, new Set(distinctIds.map(DistinctId))))
  }

  /** What would be different now, had some events not come, or others come (SPEC §8). */
  async whatIf(input: WhatIfInput): Promise<Difference> {
    const insert = (input.insert ?? []).map(Inputs.toEvent)
    return this.#ask(() =>
      Effect.gen({ self: this }, function* () {
        const left = yield* Load.eventsOf(this.#project, input.without ?? [], "without")
        const from = yield* this.#pointOf({ ...(input.from !== undefined && { at: input.from }) })
        const without = new Set(left.map(({ event }) => event.uuid))
        const edit = { without, insert, ...(from !== undefined && { from }) }
        const ids = Identity.touched([...left, ...insert])
        return WhatIf.whatIf(yield* Load.about(this.#project, ids, edit), edit)
      }),
    )
  }

  /**
   * Undoes an event from here on; a retraction's own uuid has it back. What was answered before stays
   * so (SPEC §8). Rejects with `NotRetractable` where the event is unknown or undone already.
   */
  async retract(
    input: RetractInput,
  ): Promise<{ readonly position: number; readonly uuid: string }> {
    const wanted = Inputs.toRetraction(input)
    return this.#recorded(this.#settled(Operations.retract(this.#project, wanted)))
  }

  /** Replays everything, and compares it with what is stored (SPEC §8). */
  verify(): Promise<Verified> {
    return this.#ask(() => verify(this.#project))
  }

  /** All warnings, in the order of the log, after all events captured here. */
  async warnings(): Promise<ReadonlyArray<ToldWarning>> {
    const all: Array<ToldWarning> = []
    for (let after = zero; ;) {
      const page = await this.#ask((persons) =>
        persons.warnings({ project: this.#project, after, limit: warningsPage }),
      )
      all.push(...page.map((warning) => ({ ...warning, remedy: remedy(warning.type) })))
      const last = page.at(-1)
      if (last === undefined || page.length < warningsPage) return all
      after = last.raisedAt
    }
  }

  /** Derives all persons and warnings anew from the log; resolves once they have caught up. */
  async rebuild(onProgress: (progress: Progress) => void = () => {}): Promise<void> {
    await this.#run(
      Effect.flatMap(Projector, (projector) =>
        Stream.runForEach(projector.rebuild(this.#project), (progress) =>
          Effect.sync(() => onProgress(progress)),
        ),
      ),
    )
  }

  /** Finishes what is under way and closes the database. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#runtime.dispose()
  }

  async #ensurePolicy(wanted: Policy.PolicyChange): Promise<void> {
    const log = await this.#run(Effect.flatMap(EventLog, (log) => log.head(this.#project)))
    this.#position = log.position
    const policy = await this.policy()
    const after = Policy.change(policy, wanted)
    if (canonical({ ...after }) !== canonical({ ...policy })) await this.changePolicy(wanted)
  }

  async #recorded<A extends { readonly position: Position }, E>(
    append: Effect.Effect<A, E, Services.Services>,
  ): Promise<A> {
    const recorded = await this.#run(append)
    if (recorded.position > this.#position) this.#position = recorded.position
    return recorded
  }

  /** Whom it is about is asked once the persons are where this instance's own events are. */
  async #operate(operation: () => Operation): Promise<{ readonly position: number }> {
    const wanted = operation()
    return this.#recorded(this.#settled(asAnswer(Operations.operate(this.#project, wanted))))
  }

  #pointOf({ at }: PointOption) {
    return at === undefined
      ? Effect.undefined
      : Point.resolve(this.#project, at instanceof Date ? at.toISOString() : `${at}`)
  }

  /** Asks the persons once they are where this instance's own events are. */
  #ask<A, E>(
    question: (persons: Persons["Service"]) => Effect.Effect<A, E, Services.Services>,
  ): Promise<A> {
    return this.#run(this.#settled(Effect.flatMap(Persons, question)))
  }

  /** Runs an effect once the persons are where this instance's own events are. */
  #settled<A, E, R>(effect: Effect.Effect<A, E, R>) {
    return Effect.andThen(
      Effect.flatMap(Projector, (projector) =>
        projector.reached(this.#project, this.#position, followSeconds),
      ),
      effect,
    )
  }

  async #run<A, E>(effect: Effect.Effect<A, E, Services.Services>): Promise<A> {
    if (this.#isClosed) throw new Error("This Onymous is closed.")
    const raced = Effect.raceFirst(effect, Fiber.join(this.#projector))
    const exit: Exit.Exit<A, E | unknown> = await this.#runtime.runPromiseExit(raced)
    if (Exits.isSuccess(exit)) return exit.value
    throw Cause.squash(exit.cause)
  }
}

const asAnswer = Effect.map((position: Position) => ({ position }))
