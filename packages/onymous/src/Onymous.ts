import { Effect, ManagedRuntime } from "effect"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Operation } from "@onymous/identity/event/Event"
import * as Policy from "@onymous/identity/policy/Policy"
import * as Presets from "@onymous/identity/policy/Presets"
import { type Position, zero } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { remedy } from "@onymous/identity/state/Warning"
import { ensureProject } from "@onymous/log/EnsureProject"
import { EventLog } from "@onymous/log/EventLog"
import * as InternalUsers from "@onymous/persons/InternalUsers"
import { OperatorActions } from "@onymous/projector/OperatorActions"
import type { WaitingView } from "@onymous/persons/Persons"
import type { Difference } from "@onymous/timetravel/questions/Difference"
import type { History } from "@onymous/timetravel/history/History"
import { HistorySource } from "@onymous/timetravel/history/HistorySource"
import type { Verification } from "@onymous/timetravel/history/Verify"
import type * as Why from "@onymous/timetravel/questions/Why"
import {
  type Person,
  type PersonsPage,
  type WarningAnswer,
  toPerson,
  type WhatIfAnswer,
} from "./PersonAnswer.ts"
import * as Inputs from "./Inputs.ts"
import {
  type AliasInput,
  type CaptureInput,
  type DiffInput,
  type EditInput,
  type IdentifyInput,
  InvalidEvent,
  type MergeInput,
  type OperatorInput,
  type PersonsInput,
  type PointOption,
  type RetractInput,
  type SplitInput,
  type VerifyInput,
  type WhatIfInput,
} from "./Inputs.ts"
import * as ProjectRebuild from "./ProjectRebuild.ts"
import type { RebuildInput, RebuildOutcome } from "./ProjectRebuild.ts"
import * as RebuildAll from "./RebuildAll.ts"
import type { ProjectRebuildOutcome, RebuildAllInput } from "./RebuildAll.ts"
import * as OnymousLayer from "./OnymousLayer.ts"
import * as OpenOptions from "./OpenOptions.ts"
import type { Options } from "./OpenOptions.ts"
import { Session } from "./Session.ts"

export type { Services } from "./OnymousLayer.ts"
export { layer } from "./OnymousLayer.ts"
export type { Options } from "./OpenOptions.ts"
export type { Person, PersonsPage, WarningAnswer, WhatIfAnswer } from "./PersonAnswer.ts"
export type { RebuildInput, RebuildOutcome, RebuildProgress } from "./ProjectRebuild.ts"
export { NotRebuilt } from "./RebuildAll.ts"
export type { FailedRebuild, ProjectRebuildOutcome, RebuildAllInput } from "./RebuildAll.ts"
export * from "./Inputs.ts"

/** Warnings read together. */
const warningsPage = 1000

/**
 * Onymous in a backend, without Effect: events in, persons and warnings out. Every call reads its
 * own writes; every promise rejects with an error that names the field or the reason.
 */
export class Onymous {
  readonly #session: Session
  readonly #project: ProjectId

  private constructor(session: Session, project: ProjectId) {
    this.#session = session
    this.#project = project
  }

  /** Opens the database, migrates its tables, and follows the log. */
  static async open(options: Options): Promise<Onymous> {
    const { database, settings, project, policy, enforcePolicy } = OpenOptions.read(options)
    const runtime = ManagedRuntime.make(OnymousLayer.layer(database, settings))
    try {
      await runtime.runPromise(ensureProject(project))
      const onymous = new Onymous(new Session(runtime, project), project)
      if (policy !== undefined) await onymous.#ensurePolicy(policy, enforcePolicy)
      return onymous
    } catch (error) {
      await runtime.dispose()
      throw error
    }
  }

  /** Appends an event; once the promise resolves, the event is in the log for good. */
  async capture(input: CaptureInput): Promise<{ readonly position: number }> {
    const incoming = Inputs.toEvent(input)
    const append = Effect.flatMap(EventLog, (log) => log.append(this.#project, [incoming]))
    return this.#session.record(Effect.map(append, ({ position }) => ({ position })))
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

  /** Moves distinct ids of a person to persons of their own (P56). */
  split({ mainDistinctId, only, ...input }: SplitInput): Promise<{ readonly position: number }> {
    const more = { main_distinct_id: mainDistinctId, distinct_ids_to_split: only }
    return this.#operate(() => Inputs.toOperation("persons.split", input, more))
  }

  /** Deletes a person for good; the next event of each of its ids founds a new person (SPEC §8). */
  deletePerson(input: OperatorInput): Promise<{ readonly position: number }> {
    return this.#operate(() => Inputs.toOperation("persons.delete", input))
  }

  /** Merges two persons, even if both are identified (SPEC §8). */
  merge({ source, ...input }: MergeInput): Promise<{ readonly position: number }> {
    return this.#operate(() => Inputs.toOperation("persons.merge", input, { alias: source }))
  }

  /** Sets properties of a person, or deletes some (P57). */
  edit({ set, unset, ...input }: EditInput): Promise<{ readonly position: number }> {
    return set === undefined
      ? this.#operate(() => Inputs.toOperation("persons.delete_property", input, { $unset: unset }))
      : this.#operate(() => Inputs.toOperation("persons.patch", input, { properties: set }))
  }

  /** The current policy (SPEC §1). */
  policy(): Promise<Policy.Policy> {
    return this.#session.ask((persons) =>
      Effect.map(persons.checkpoint(this.#project), (at) => at?.policy ?? Presets.page),
    )
  }

  /** Changes fields of the policy from here on, by an event in the log. */
  async changePolicy(change: Policy.PolicyChange): Promise<{ readonly position: number }> {
    const wanted = Inputs.toPolicyChange(change)
    return this.#session.record(
      asAnswer(acted((actions) => actions.changePolicy(this.#project, wanted))),
    )
  }

  /** Events that wait for a merge of their id, newest first (SPEC §4). */
  waiting(limit = 100): Promise<ReadonlyArray<WaitingView>> {
    return this.#session.ask((persons) => persons.waiting({ project: this.#project, limit }))
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
    const { results, next } = await this.#session.ask((persons) =>
      filterInternal ? InternalUsers.list(asked) : persons.list(asked),
    )
    return { results: results.map(toPerson), next }
  }

  /** The person of a distinct id, after all events captured here, or at a point. */
  async person(distinctId: string, options: PointOption = {}): Promise<Person | undefined> {
    const id = DistinctId(distinctId)
    const at = textOf(options.at)
    const found = await this.#session.ask((persons) =>
      Effect.gen({ self: this }, function* () {
        const point =
          at === undefined
            ? undefined
            : yield* (yield* HistorySource).point(this.#project, at, "at")
        return yield* persons.find(this.#project, id, point)
      }),
    )
    return found && toPerson(found)
  }

  /**
   * The chain that makes two distinct ids one person, now or at a point, or the refusals between
   * them (SPEC §8).
   */
  why(a: string, b: string, { at }: PointOption = {}): Promise<Why.Answer> {
    return this.#session.askPast((past) => past.why(this.#project, { a, b, at: textOf(at) }))
  }

  /**
   * The persons and warnings that differ between two points, of everyone or of one distinct id's
   * persons.
   */
  diff({ from, to, distinctId }: DiffInput): Promise<Difference> {
    const question = { from: textOf(from) ?? "0", to: textOf(to), distinctId }
    return this.#session.askPast((past) => past.diff(this.#project, question))
  }

  /**
   * The difference that leaving events out or inserting some would make now (SPEC §8); writes
   * nothing.
   */
  async whatIf({ without, insert, from }: WhatIfInput): Promise<WhatIfAnswer> {
    const events = (insert ?? []).map(Inputs.toEvent)
    const question = { without, insert: events, from: textOf(from) }
    return this.#session.askPast((past) => past.whatIf(this.#project, question))
  }

  /**
   * The past in memory, for the functions of `onymous/history`: the whole project, or, at the cost
   * of their cones, some distinct ids.
   */
  history(distinctIds?: ReadonlyArray<string>): Promise<History> {
    const project = this.#project
    return this.#session.ask(() =>
      Effect.flatMap(HistorySource, (source) =>
        distinctIds === undefined
          ? source.whole(project)
          : source.about(project, new Set(distinctIds.map(DistinctId))),
      ),
    )
  }

  /**
   * Undoes an event from here on; retracting the retraction restores it. Answers about earlier
   * points stay the same (SPEC §8). Rejects with `OperationRefused` where the event is unknown or
   * undone already.
   */
  async retract(
    input: RetractInput,
  ): Promise<{ readonly position: number; readonly uuid: string }> {
    const wanted = Inputs.toRetraction(input)
    return this.#session.recordAfterCatchUp(
      acted((actions) => actions.retract(this.#project, wanted)),
    )
  }

  /**
   * Compares the stored state with a fold of the whole log, after a look at its seals; stored hashes
   * from a point on (SPEC §8). With `deep`, compares every row of every table, and takes as long as
   * a rebuild.
   */
  verify({ from, deep = false }: VerifyInput = {}): Promise<Verification> {
    if (deep) return this.#session.verify()
    return this.#session.askPast((past) => past.verify(this.#project, { from: textOf(from) }))
  }

  /** All warnings, in the order of the log, after all events captured here. */
  async warnings(): Promise<ReadonlyArray<WarningAnswer>> {
    const all: Array<WarningAnswer> = []
    for (let after = zero; ;) {
      const page = await this.#session.ask((persons) =>
        persons.warnings({ project: this.#project, after, limit: warningsPage }),
      )
      all.push(...page.map((warning) => ({ ...warning, remedy: remedy(warning.type) })))
      const last = page.at(-1)
      if (last === undefined || page.length < warningsPage) return all
      after = last.raisedAt
    }
  }

  /**
   * Derives all persons and warnings again from the log, beside the live ones. Resolves once the
   * new ones have replaced the live ones, or, with `verifyOnly`, have been compared with them.
   */
  async rebuild(input: RebuildInput = {}): Promise<RebuildOutcome> {
    return ProjectRebuild.asPromise(this.#session, this.#project, input)
  }

  /**
   * Rebuilds every project of the database, one after the other. Where some fail, the others are
   * still rebuilt; then the promise rejects with `NotRebuilt`, which has both. An abort leaves
   * nothing of the current rebuild; finished projects stay rebuilt.
   */
  async rebuildAll(input: RebuildAllInput = {}): Promise<ReadonlyArray<ProjectRebuildOutcome>> {
    return RebuildAll.asPromise(this.#session, input)
  }

  /** Finishes running calls and closes the database. */
  async close(): Promise<void> {
    await this.#session.close()
  }

  async #ensurePolicy(wanted: Policy.PolicyChange, enforces: boolean): Promise<void> {
    const ensured = acted((actions) => actions.ensurePolicy(this.#project, wanted, enforces))
    const found = await this.#session.run(ensured)
    // Questions see the rules that hold from here on.
    await this.#session.follow()
    if (found === "hold") return
    const text = `Project ${this.#project} has other rules than it was opened with, and keeps them: enforcePolicy sets them.`
    await this.#session.run(Effect.logWarning(text))
  }

  async #operate(operation: () => Operation): Promise<{ readonly position: number }> {
    const wanted = operation()
    return this.#session.recordAfterCatchUp(
      asAnswer(acted((actions) => actions.operate(this.#project, wanted))),
    )
  }
}

/** The text that names a point. */
const textOf = (point: PointOption["at"]): string | undefined =>
  point === undefined ? undefined : point instanceof Date ? point.toISOString() : `${point}`

const acted = <A, E>(act: (actions: OperatorActions["Service"]) => Effect.Effect<A, E>) =>
  Effect.flatMap(OperatorActions, act)

const asAnswer = Effect.map((position: Position) => ({ position }))
