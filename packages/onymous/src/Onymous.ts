import { Effect, ManagedRuntime } from "effect"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Operation } from "@onymous/identity/event/Event"
import * as Policy from "@onymous/identity/policy/Policy"
import * as Presets from "@onymous/identity/policy/Presets"
import { zero } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { remedy } from "@onymous/identity/state/Warning"
import { ensureProject } from "@onymous/log/EnsureProject"
import { EventLog } from "@onymous/log/EventLog"
import { OperationRefused } from "@onymous/log/OperationRefused"
import * as InternalUsers from "@onymous/persons/InternalUsers"
import { OperatorActions } from "@onymous/projector/OperatorActions"
import type { WaitingView } from "@onymous/persons/Persons"
import type { Difference } from "@onymous/timetravel/questions/Difference"
import type { History } from "@onymous/timetravel/history/History"
import { HistorySource } from "@onymous/timetravel/history/HistorySource"
import type { Verification } from "@onymous/timetravel/history/Verify"
import type * as Why from "@onymous/timetravel/questions/Why"
import { errorOf } from "./errors/ErrorOf.ts"
import {
  type Person,
  type PersonsPage,
  type WarningAnswer,
  toPerson,
  type WhatIfAnswer,
} from "./PersonAnswer.ts"
import * as Inputs from "./inputs/CaptureInputs.ts"
import type { AliasInput, CaptureInput, IdentifyInput } from "./inputs/CaptureInputs.ts"
import * as Operators from "./inputs/OperatorInputs.ts"
import type {
  EditInput,
  MergeInput,
  OperatorInput,
  RetractInput,
  SplitInput,
} from "./inputs/OperatorInputs.ts"
import { check, textOf } from "./inputs/QuestionInputs.ts"
import type {
  DiffInput,
  PersonsInput,
  PointOption,
  VerifyInput,
  WhatIfInput,
} from "./inputs/QuestionInputs.ts"
import * as ProjectRebuild from "./ProjectRebuild.ts"
import type { RebuildInput, RebuildOutcome } from "./ProjectRebuild.ts"
import * as RebuildAll from "./RebuildAll.ts"
import type { ProjectRebuildOutcome, RebuildAllInput } from "./RebuildAll.ts"
import * as OnymousLayer from "./OnymousLayer.ts"
import * as OpenOptions from "./OpenOptions.ts"
import type { Options } from "./OpenOptions.ts"
import { Session } from "./Session.ts"

/** Where an event that was captured lies; where it is not new, the earlier event with its uuid. */
export interface Captured {
  readonly position: number
  readonly uuid: string
  readonly isNew: boolean
}

/** Where the event of an operator's act lies, and the uuid by which `retract` names it. */
export interface Act {
  readonly position: number
  readonly uuid: string
}

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
      throw errorOf(error)
    }
  }

  /** Appends an event; once the promise resolves, the event is in the log for good. */
  async capture(input: CaptureInput): Promise<Captured> {
    const incoming = Inputs.toEvent(input)
    const append = Effect.map(
      Effect.flatMap(EventLog, (log) => log.append(this.#project, [incoming])),
      ({ position, added }) => ({ position, uuid: incoming.event.uuid, isNew: added > 0 }),
    )
    return this.#session.record(append)
  }

  /** Merges an anonymous id into a user's, as the SDKs' `identify` does (SPEC §2). */
  async identify(input: IdentifyInput): Promise<Captured> {
    return this.capture(Inputs.toIdentify(input))
  }

  /** Gives a person another id, as the SDKs' `alias` does (SPEC §2). */
  async alias(input: AliasInput): Promise<Captured> {
    return this.capture(Inputs.toAlias(input))
  }

  /** Moves distinct ids of a person to persons of their own (P56). */
  async split(input: SplitInput): Promise<Act> {
    return this.#operate(Operators.toSplit(input))
  }

  /** Deletes a person for good; the next event of each of its ids founds a new person (SPEC §8). */
  async deletePerson(input: OperatorInput): Promise<Act> {
    return this.#operate(Operators.toDelete(input))
  }

  /** Merges two persons, even if both are identified (SPEC §8). */
  async merge(input: MergeInput): Promise<Act> {
    return this.#operate(Operators.toMerge(input))
  }

  /** Sets properties of a person, deletes some, or both (P57). */
  async edit(input: EditInput): Promise<Act> {
    return this.#operate(Operators.toEdit(input))
  }

  /** The current policy (SPEC §1). */
  policy(): Promise<Policy.Policy> {
    return this.#session.ask((persons) =>
      Effect.map(persons.checkpoint(this.#project), (at) => at?.policy ?? Presets.page),
    )
  }

  /** Changes fields of the policy from here on, by an event in the log. */
  async changePolicy(change: Policy.PolicyChange): Promise<Act> {
    const wanted = Operators.toPolicyChange(change)
    return this.#session.record(acted((actions) => actions.changePolicy(this.#project, wanted)))
  }

  /** Events that wait for a merge of their id, newest first (SPEC §4). */
  async waiting(limit = 100): Promise<ReadonlyArray<WaitingView>> {
    check.limit(limit)
    return this.#session.ask((persons) => persons.waiting({ project: this.#project, limit }))
  }

  /** Persons, newest first; `filterInternal` leaves out the project's own people (SPEC §7). */
  async persons(question: PersonsInput = {}): Promise<PersonsPage> {
    check.persons(question)
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
    check.distinctId(distinctId)
    check.asOf(options)
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
  async why(a: string, b: string, options: PointOption = {}): Promise<Why.Answer> {
    check.distinctId(a)
    check.distinctId(b)
    check.asOf(options)
    const { at } = options
    return this.#session.askPast((past) => past.why(this.#project, { a, b, at: textOf(at) }))
  }

  /**
   * The persons and warnings that differ between two points, of everyone or of one distinct id's
   * persons.
   */
  async diff(input: DiffInput): Promise<Difference> {
    check.diff(input)
    const { from, to, distinctId } = input
    const question = { from: textOf(from) ?? "0", to: textOf(to), distinctId }
    return this.#session.askPast((past) => past.diff(this.#project, question))
  }

  /**
   * The difference that leaving events out or inserting some would make now (SPEC §8); writes
   * nothing.
   */
  async whatIf(input: WhatIfInput): Promise<WhatIfAnswer> {
    check.whatIf(input)
    const { without, insert, from } = input
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
  async retract(input: RetractInput): Promise<Act> {
    const wanted = Operators.toRetraction(input)
    return this.#session.recordAfterCatchUp(
      acted((actions) => actions.retract(this.#project, wanted)),
    )
  }

  /**
   * Compares the stored state with a fold of the whole log, after a look at its seals; stored hashes
   * from a point on (SPEC §8). With `deep`, compares every row of every table, and takes as long as
   * a rebuild.
   */
  async verify(input: VerifyInput = {}): Promise<Verification> {
    check.verify(input)
    const { from, deep = false } = input
    if (deep) return this.#session.verify()
    return this.#session.askPast((past) => past.verify(this.#project, { from: textOf(from) }))
  }

  /** All warnings, in the order of the log, after all events captured here. */
  async warnings(): Promise<ReadonlyArray<WarningAnswer>> {
    const project = this.#project
    return this.#session.ask(
      Effect.fnUntraced(function* (persons) {
        const all: Array<WarningAnswer> = []
        for (let after = zero; ;) {
          const page = yield* persons.warnings({ project, after, limit: warningsPage })
          all.push(...page.map((warning) => ({ ...warning, remedy: remedy(warning.type) })))
          const last = page.at(-1)
          if (last === undefined || page.length < warningsPage) return all
          after = last.raisedAt
        }
      }),
    )
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

  /**
   * Refuses new calls, finishes the appends and questions under way, for at most ten seconds, cancels
   * rebuilds, and closes the database.
   */
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

  #operate(operation: Operation): Promise<Act> {
    return this.#session.recordAfterCatchUp(
      acted((actions) => actions.operate(this.#project, operation)),
    )
  }
}

const acted = <A, E>(act: (actions: OperatorActions["Service"]) => Effect.Effect<A, E>) =>
  Effect.mapError(Effect.flatMap(OperatorActions, act), (error) =>
    error instanceof OperationRefused ? Operators.refusal(error) : error,
  )
