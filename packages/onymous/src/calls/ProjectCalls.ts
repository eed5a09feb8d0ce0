import type { Effect } from "effect"
import type * as Policy from "@onymous/identity/policy/Policy"
import type { History } from "@onymous/timetravel/history/History"
import type { Order, Statement } from "@onymous/log/sql/HostAppend"
import type { Verification } from "@onymous/timetravel/history/Verify"
import type { CallOptions, Fresh } from "../inputs/CallOptions.ts"
import type { AliasInput, CaptureInput, IdentifyInput } from "../inputs/CaptureInputs.ts"
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
} from "../inputs/QuestionInputs.ts"
import type { RebuildInput, RebuildOutcome } from "../ProjectRebuild.ts"
import type { BisectAnswer, Difference, WhatIfAnswer } from "../questions/DifferenceQuestions.ts"
import type { OperatorAct } from "../questions/EventAnswer.ts"
import type { AttributedEvent, Page, WaitingEvent } from "../questions/EventQuestions.ts"
import type { Culprit, UndoAnswer, WhyAnswer } from "../questions/MergeQuestions.ts"
import type { Person } from "../questions/PersonAnswer.ts"
import type { PersonsPage } from "../questions/PersonQuestions.ts"
import type { Project, Status } from "../questions/ProjectState.ts"
import type { Happening, Setting, Trace } from "../questions/StoryQuestions.ts"
import type { Warning } from "../questions/WarningQuestions.ts"
import type { ProjectRebuildOutcome, RebuildAllInput } from "../RebuildAll.ts"
import type {
  Captured,
  LockedOptions,
  OutboxOptions,
  Promised,
  WriteOptions,
} from "../transaction/WriteOptions.ts"
import type { Call } from "./Call.ts"
import type { OperatorCalls } from "./OperatorCalls.ts"

/** In an outbox, events get their places later. */
interface Capture<Input, Now, Later> {
  (input: Input, options: OutboxOptions): Call<Later>
  (input: Input, options?: LockedOptions): Call<Now>
  (input: Input, options?: WriteOptions): Call<Now | Later>
}

/** What can be asked of a project and done in it. */
export interface ProjectCalls extends OperatorCalls {
  /**
   * Appends an event; once it succeeds, the event is in the log for good. In a transaction of the host (`in`) it is
   * there once that is committed, or not at all.
   */
  readonly capture: Capture<CaptureInput, Captured, Promised>

  /** Appends events in their order, all of them or none; in a transaction of the host, as `capture` does. */
  readonly captureAll: Capture<
    ReadonlyArray<CaptureInput>,
    ReadonlyArray<Captured>,
    ReadonlyArray<Promised>
  >

  /**
   * The statement that appends events, at most 2,000, for whoever runs it in a transaction by other means. It has a
   * row for each event, and none where the project is not there.
   */
  readonly statement: (inputs: ReadonlyArray<CaptureInput>, order?: Order) => Statement

  /** Merges an anonymous id into a user's, as the SDKs' `identify` does. */
  readonly identify: Capture<IdentifyInput, Captured, Promised>

  /** Gives a person another id, as the SDKs' `alias` does. */
  readonly alias: Capture<AliasInput, Captured, Promised>

  /** The policy, now or at a point. */
  readonly policy: (options?: PointOption) => Call<Policy.Policy>

  /** Where the log and the persons are, and why the persons stay there; it waits for nothing. */
  readonly status: (options?: CallOptions) => Call<Status>

  /** All projects of the database, by id, and where the log of each ends. */
  readonly projects: (options?: CallOptions) => Call<ReadonlyArray<Project>>

  /** Events, newest first, each with its person now or at a point and its person at the time. */
  readonly events: (question?: EventsInput) => Call<Page<AttributedEvent>>

  /**
   * Events that wait for a merge of their id, newest first; with `released`, also those that
   * have waited. A number is the `limit`.
   */
  readonly waiting: (question?: WaitingInput | number) => Call<ReadonlyArray<WaitingEvent>>

  /** What operators did, newest first: who, why, on whom, and the uuid that `retract` takes. */
  readonly operations: (question?: OperationsInput) => Call<Page<OperatorAct>>

  /** Persons, newest first; `filterInternal` leaves out the project's own people. */
  readonly persons: (question?: PersonsInput) => Call<PersonsPage>

  /** The person of a distinct id, after all events captured here, or at a point. */
  readonly person: (distinctId: string, options?: PersonOptions) => Call<Person | undefined>

  /**
   * The chain that makes two distinct ids one person, now or at a point, or the refusals between
   * them.
   */
  readonly why: (a: string, b: string, options?: PointOption) => Call<WhyAnswer>

  /** The events of which each alone, left out, separates two distinct ids. */
  readonly undo: (a: string, b: string, options?: PointOption) => Call<UndoAnswer>

  /** The links whose loss would split a person, most even split first. */
  readonly culprits: (distinctId: string, options?: PointOption) => Call<ReadonlyArray<Culprit>>

  /** The events that set a property of a person, latest first, and the values that gave way in merges. */
  readonly property: (
    distinctId: string,
    key: string,
    options?: PointOption,
  ) => Call<ReadonlyArray<Setting>>

  /** Every change of the person of a distinct id, each with its cause, in order. */
  readonly story: (distinctId: string, options?: PointOption) => Call<ReadonlyArray<Happening>>

  /** The checks that the rules made of an event, with the persons before and after it. */
  readonly trace: (event: Point, options?: Fresh) => Call<Trace>

  /** The position of the first event that named a distinct id; undefined where none ever did. */
  readonly firstNamed: (distinctId: string, options?: Fresh) => Call<number | undefined>

  /**
   * The persons and warnings that differ between two points, of everyone or of one distinct id's
   * persons.
   */
  readonly diff: (input: DiffInput) => Call<Difference>

  /**
   * The first position at which a condition held: `same A B`, `property A KEY = JSON`, `ids A > N`,
   * `persons > N` or `warnings TYPE > N`.
   */
  readonly bisect: (condition: string, options?: BisectOptions) => Call<BisectAnswer>

  /**
   * The difference that leaving events out, inserting some, or other rules would make now;
   * writes nothing.
   */
  readonly whatIf: (input: WhatIfInput) => Call<WhatIfAnswer>

  /** The difference that retracting an event would make now; rejects as `retract` would. */
  readonly previewRetraction: (eventUuid: string, options?: Fresh) => Call<Difference>

  /**
   * The past in memory, for the functions of `onymous/history`: the whole project, or, at the cost
   * of their cones, some distinct ids.
   */
  readonly history: (distinctIds?: ReadonlyArray<string>, options?: Fresh) => Call<History>

  /**
   * Compares the stored state with a fold of the whole log, after a look at its seals; stored hashes
   * from a point on. With `deep`, compares every row of every table, and takes as long as
   * a rebuild.
   */
  readonly verify: (input?: VerifyInput) => Call<Verification>

  /** The warnings, in the order of the log, all or those that the filters leave, now or at a point. */
  readonly warnings: (question?: WarningsInput) => Call<ReadonlyArray<Warning>>

  /**
   * Derives all persons and warnings again from the log, beside the live ones. Resolves once the
   * new ones have replaced the live ones, or, with `verifyOnly`, have been compared with them.
   */
  readonly rebuild: (input?: RebuildInput) => Call<RebuildOutcome>

  /**
   * Rebuilds every project of the database, one after the other. Where some fail, the others are
   * still rebuilt; then the promise rejects with `NotRebuilt`, which has both. An abort leaves
   * nothing of the current rebuild; finished projects stay rebuilt.
   */
  readonly rebuildAll: (input?: RebuildAllInput) => Call<ReadonlyArray<ProjectRebuildOutcome>>
}

/** The same calls as promises, which reject with the error. */
export type Promises<Calls> = {
  readonly [Name in keyof Calls]: Calls[Name] extends (
    ...args: infer Args
  ) => Effect.Effect<infer A, unknown>
    ? (...args: Args) => Promise<A>
    : Calls[Name]
}
