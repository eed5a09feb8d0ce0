import { Effect, ManagedRuntime } from "effect"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Operation } from "@onymous/identity/event/Event"
import type * as Policy from "@onymous/identity/policy/Policy"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { ensureProject } from "@onymous/log/EnsureProject"
import { EventLog } from "@onymous/log/EventLog"
import { OperationRefused } from "@onymous/log/OperationRefused"
import { OperatorActions } from "@onymous/projector/OperatorActions"
import type { History } from "@onymous/timetravel/history/History"
import { HistorySource } from "@onymous/timetravel/history/HistorySource"
import type { Verification } from "@onymous/timetravel/history/Verify"
import { errorOf } from "./errors/ErrorOf.ts"
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
  BisectOptions,
  DiffInput,
  EventsInput,
  OperationsInput,
  PersonOptions,
  PersonsInput,
  Point,
  PointOption,
  VerifyInput,
  WaitingInput,
  WarningsInput,
  WhatIfInput,
} from "./inputs/QuestionInputs.ts"
import * as ProjectRebuild from "./ProjectRebuild.ts"
import type { RebuildInput, RebuildOutcome } from "./ProjectRebuild.ts"
import * as RebuildAll from "./RebuildAll.ts"
import type { ProjectRebuildOutcome, RebuildAllInput } from "./RebuildAll.ts"
import * as OnymousLayer from "./OnymousLayer.ts"
import * as OpenOptions from "./OpenOptions.ts"
import type { Options } from "./OpenOptions.ts"
import * as DifferenceQuestions from "./questions/DifferenceQuestions.ts"
import type { BisectAnswer, Difference, WhatIfAnswer } from "./questions/DifferenceQuestions.ts"
import type { OperatorAct } from "./questions/EventAnswer.ts"
import * as EventQuestions from "./questions/EventQuestions.ts"
import type { AttributedEvent, Page, WaitingEvent } from "./questions/EventQuestions.ts"
import * as MergeQuestions from "./questions/MergeQuestions.ts"
import type { Culprit, UndoAnswer, WhyAnswer } from "./questions/MergeQuestions.ts"
import type { Person } from "./questions/PersonAnswer.ts"
import * as PersonQuestions from "./questions/PersonQuestions.ts"
import type { PersonsPage } from "./questions/PersonQuestions.ts"
import * as ProjectState from "./questions/ProjectState.ts"
import type { Status } from "./questions/ProjectState.ts"
import * as StoryQuestions from "./questions/StoryQuestions.ts"
import type { Happening, Setting, Trace } from "./questions/StoryQuestions.ts"
import * as WarningQuestions from "./questions/WarningQuestions.ts"
import type { Warning } from "./questions/WarningQuestions.ts"
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

  /** The policy, now or at a point (SPEC §1). */
  async policy(options: PointOption = {}): Promise<Policy.Policy> {
    return ProjectState.policy(this.#session, options)
  }

  /** Where the log and the persons are, and why the persons stay there; it waits for nothing. */
  async status(): Promise<Status> {
    return ProjectState.status(this.#session)
  }

  /** Changes fields of the policy from here on, by an event in the log. */
  async changePolicy(change: Policy.PolicyChange): Promise<Act> {
    const wanted = Operators.toPolicyChange(change)
    return this.#session.record(acted((actions) => actions.changePolicy(this.#project, wanted)))
  }

  /** Events, newest first, each with its person now or at a point and its person at the time (SPEC §5). */
  async events(question: EventsInput = {}): Promise<Page<AttributedEvent>> {
    return EventQuestions.events(this.#session, question)
  }

  /**
   * Events that wait for a merge of their id, newest first (SPEC §4); with `released`, also those that
   * have waited. A number is the `limit`.
   */
  async waiting(question: WaitingInput | number = {}): Promise<ReadonlyArray<WaitingEvent>> {
    return EventQuestions.waiting(this.#session, question)
  }

  /** What operators did, newest first: who, why, on whom, and the uuid that `retract` takes. */
  async operations(question: OperationsInput = {}): Promise<Page<OperatorAct>> {
    return EventQuestions.operations(this.#session, question)
  }

  /** Persons, newest first; `filterInternal` leaves out the project's own people (SPEC §7). */
  async persons(question: PersonsInput = {}): Promise<PersonsPage> {
    return PersonQuestions.persons(this.#session, question)
  }

  /** The person of a distinct id, after all events captured here, or at a point. */
  async person(distinctId: string, options: PersonOptions = {}): Promise<Person | undefined> {
    return PersonQuestions.person(this.#session, distinctId, options)
  }

  /**
   * The chain that makes two distinct ids one person, now or at a point, or the refusals between
   * them (SPEC §8).
   */
  async why(a: string, b: string, options: PointOption = {}): Promise<WhyAnswer> {
    return MergeQuestions.why(this.#session, a, b, options)
  }

  /** The events of which each alone, left out, separates two distinct ids. */
  async undo(a: string, b: string, options: PointOption = {}): Promise<UndoAnswer> {
    return MergeQuestions.undo(this.#session, a, b, options)
  }

  /** The links whose loss would split a person, most even split first. */
  async culprits(distinctId: string, options: PointOption = {}): Promise<ReadonlyArray<Culprit>> {
    return MergeQuestions.culprits(this.#session, distinctId, options)
  }

  /** The events that set a property of a person, latest first, and the values that gave way in merges. */
  async property(
    distinctId: string,
    key: string,
    options: PointOption = {},
  ): Promise<ReadonlyArray<Setting>> {
    return StoryQuestions.property(this.#session, { distinctId, key, options })
  }

  /** Every change of the person of a distinct id, each with its cause, in order. */
  async story(distinctId: string, options: PointOption = {}): Promise<ReadonlyArray<Happening>> {
    return StoryQuestions.story(this.#session, distinctId, options)
  }

  /** The checks that the rules made of an event, with the persons before and after it. */
  async trace(event: Point): Promise<Trace> {
    return StoryQuestions.trace(this.#session, event)
  }

  /** The position of the first event that named a distinct id; undefined where none ever did. */
  async firstNamed(distinctId: string): Promise<number | undefined> {
    return StoryQuestions.firstNamed(this.#session, distinctId)
  }

  /**
   * The persons and warnings that differ between two points, of everyone or of one distinct id's
   * persons.
   */
  async diff(input: DiffInput): Promise<Difference> {
    return DifferenceQuestions.diff(this.#session, input)
  }

  /**
   * The first position at which a condition held: `same A B`, `property A KEY = JSON`, `ids A > N`,
   * `persons > N` or `warnings TYPE > N`.
   */
  async bisect(condition: string, options: BisectOptions = {}): Promise<BisectAnswer> {
    return DifferenceQuestions.bisect(this.#session, condition, options)
  }

  /**
   * The difference that leaving events out, inserting some, or other rules would make now (SPEC §8);
   * writes nothing.
   */
  async whatIf(input: WhatIfInput): Promise<WhatIfAnswer> {
    return DifferenceQuestions.whatIf(this.#session, input)
  }

  /** The difference that retracting an event would make now; rejects as `retract` would. */
  async previewRetraction(eventUuid: string): Promise<Difference> {
    return DifferenceQuestions.previewRetraction(this.#session, eventUuid)
  }

  /**
   * The past in memory, for the functions of `onymous/history`: the whole project, or, at the cost
   * of their cones, some distinct ids.
   */
  history(distinctIds?: ReadonlyArray<string>): Promise<History> {
    const project = this.#project
    return this.#session.ask(
      Effect.flatMap(HistorySource, (source) =>
        distinctIds === undefined
          ? source.whole(project)
          : source.about(project, new Set(distinctIds.map(DistinctId))),
      ),
    )
  }

  /**
   * Undoes an event from here on; retracting the retraction restores it. Answers about earlier
   * points stay the same (SPEC §8). Rejects with `refused` where the event is unknown or undone already.
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

  /** The warnings, in the order of the log, all or those that the filters leave, now or at a point. */
  async warnings(question: WarningsInput = {}): Promise<ReadonlyArray<Warning>> {
    return WarningQuestions.warnings(this.#session, question)
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
