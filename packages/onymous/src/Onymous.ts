import { Effect, Layer, ManagedRuntime } from "effect"
import type * as Policy from "@onymous/identity/policy/Policy"
import type { Order, Statement } from "@onymous/log/sql/HostAppend"
import type { History } from "@onymous/timetravel/history/History"
import type { Verification } from "@onymous/timetravel/history/Verify"
import { errorOf } from "./errors/ErrorOf.ts"
import type { OnymousError } from "./errors/OnymousError.ts"
import * as HostLogger from "./HostLogger.ts"
import { type CallOptions, checkClose, type Fresh } from "./inputs/CallOptions.ts"
import type { AliasInput, CaptureInput, IdentifyInput } from "./inputs/CaptureInputs.ts"
import type {
  Act,
  EditInput,
  MergeInput,
  OperatorInput,
  RetractInput,
  SplitInput,
} from "./calls/OperatorCalls.ts"
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
import * as OnymousEffect from "./OnymousEffect.ts"
import * as OpenOptions from "./OpenOptions.ts"
import type { Options, ProjectRules } from "./OpenOptions.ts"
import { PostHogClient } from "./PostHogClient.ts"
import type { ProjectCalls, Promises } from "./calls/ProjectCalls.ts"
import * as ProjectRebuild from "./ProjectRebuild.ts"
import type { RebuildInput, RebuildOutcome } from "./ProjectRebuild.ts"
import { PromiseRunner, toldTo } from "./PromiseRunner.ts"
import type { BisectAnswer, Difference, WhatIfAnswer } from "./questions/DifferenceQuestions.ts"
import type { OperatorAct } from "./questions/EventAnswer.ts"
import type { AttributedEvent, Page, WaitingEvent } from "./questions/EventQuestions.ts"
import type { Culprit, UndoAnswer, WhyAnswer } from "./questions/MergeQuestions.ts"
import type { Person } from "./questions/PersonAnswer.ts"
import type { PersonsPage } from "./questions/PersonQuestions.ts"
import type { Project, Status } from "./questions/ProjectState.ts"
import type { Happening, Setting, Trace } from "./questions/StoryQuestions.ts"
import type { Warning } from "./questions/WarningQuestions.ts"
import * as RebuildAll from "./RebuildAll.ts"
import type { ProjectRebuildOutcome, RebuildAllInput } from "./RebuildAll.ts"
import type {
  Captured,
  LockedOptions,
  OutboxOptions,
  Promised,
  WriteOptions,
} from "./transaction/WriteOptions.ts"

type Several = ReadonlyArray<CaptureInput>
type Written = ReadonlyArray<Captured> | ReadonlyArray<Promised>

/** What the projects of one database share: where calls run, and how another project is reached. */
interface Opened {
  readonly runner: PromiseRunner<OnymousEffect.Onymous>
  readonly service: OnymousEffect.Onymous["Service"]
  readonly logger: HostLogger.Logger | undefined
}

/**
 * Onymous in a backend, without Effect: events in, persons and warnings out. Every call reads its
 * own writes; every promise rejects with an error that names the field or the reason.
 */
export class Onymous implements Promises<ProjectCalls>, AsyncDisposable {
  readonly #opened: Opened
  readonly #calls: ProjectCalls
  /** False for another project of a database that somebody else has opened, and closes. */
  readonly #isOwner: boolean

  private constructor(opened: Opened, calls: ProjectCalls, isOwner: boolean) {
    this.#opened = opened
    this.#calls = calls
    this.#isOwner = isOwner
  }

  /** Opens the database, migrates its tables, and follows the log. */
  static async open(options: Options): Promise<Onymous> {
    const opened = OpenOptions.read(options)
    const layer = OnymousEffect.layerOpened(opened)
    const runtime = ManagedRuntime.make(Layer.provideMerge(layer, HostLogger.layer(opened.logger)))
    try {
      const service = await runtime.runPromise(OnymousEffect.Onymous)
      const { onProblem } = opened
      if (onProblem !== undefined) runtime.runFork(toldTo(service.problems, onProblem))
      const { logger } = opened
      return new Onymous({ runner: new PromiseRunner(runtime), service, logger }, service, true)
    } catch (error) {
      await runtime.dispose()
      throw errorOf(error)
    }
  }

  /**
   * Another project on the same database and connections, made by its first call where it is not there yet.
   * Nothing is opened, so that a backend may ask for one in each request; what it has is closed with this one.
   */
  project(id: string, rules: ProjectRules = {}): Onymous {
    return new Onymous(this.#opened, this.#opened.service.project(id, rules), false)
  }

  capture(input: CaptureInput, options: OutboxOptions): Promise<Promised>
  capture(input: CaptureInput, options?: LockedOptions): Promise<Captured>
  capture(input: CaptureInput, options?: WriteOptions): Promise<Captured | Promised>
  async capture(input: CaptureInput, options: WriteOptions = {}) {
    return this.#write(this.#calls.capture(input, options), options)
  }

  captureAll(inputs: Several, options: OutboxOptions): Promise<ReadonlyArray<Promised>>
  captureAll(inputs: Several, options?: LockedOptions): Promise<ReadonlyArray<Captured>>
  captureAll(inputs: Several, options?: WriteOptions): Promise<Written>
  async captureAll(inputs: Several, options: WriteOptions = {}): Promise<Written> {
    return this.#write(this.#calls.captureAll(inputs, options), options)
  }

  statement(inputs: Several, order: Order = "locked"): Statement {
    return this.#calls.statement(inputs, order)
  }

  identify(input: IdentifyInput, options: OutboxOptions): Promise<Promised>
  identify(input: IdentifyInput, options?: LockedOptions): Promise<Captured>
  identify(input: IdentifyInput, options?: WriteOptions): Promise<Captured | Promised>
  async identify(input: IdentifyInput, options: WriteOptions = {}) {
    return this.#write(this.#calls.identify(input, options), options)
  }

  alias(input: AliasInput, options: OutboxOptions): Promise<Promised>
  alias(input: AliasInput, options?: LockedOptions): Promise<Captured>
  alias(input: AliasInput, options?: WriteOptions): Promise<Captured | Promised>
  async alias(input: AliasInput, options: WriteOptions = {}) {
    return this.#write(this.#calls.alias(input, options), options)
  }

  /** What posthog-node offers a backend that captures, so that its calls stay when the client is swapped. */
  posthog(): PostHogClient {
    return new PostHogClient({
      capture: (input) => this.capture(input),
      report: (error) =>
        HostLogger.report(
          `An event was not captured: ${errorOf(error).message}`,
          this.#opened.logger,
        ),
    })
  }

  async split(input: SplitInput, options?: CallOptions): Promise<Act> {
    return this.#write(this.#calls.split(input, options), options)
  }

  async deletePerson(input: OperatorInput, options?: CallOptions): Promise<Act> {
    return this.#write(this.#calls.deletePerson(input, options), options)
  }

  async merge(input: MergeInput, options?: CallOptions): Promise<Act> {
    return this.#write(this.#calls.merge(input, options), options)
  }

  async edit(input: EditInput, options?: CallOptions): Promise<Act> {
    return this.#write(this.#calls.edit(input, options), options)
  }

  async policy(options: PointOption = {}): Promise<Policy.Policy> {
    return this.#ask(this.#calls.policy(options), options)
  }

  async status(options: CallOptions = {}): Promise<Status> {
    return this.#ask(this.#calls.status(options), options)
  }

  async projects(options: CallOptions = {}): Promise<ReadonlyArray<Project>> {
    return this.#ask(this.#calls.projects(options), options)
  }

  async changePolicy(change: Policy.PolicyChange, options?: CallOptions): Promise<Act> {
    return this.#write(this.#calls.changePolicy(change, options), options)
  }

  async events(question: EventsInput = {}): Promise<Page<AttributedEvent>> {
    return this.#ask(this.#calls.events(question), question)
  }

  async waiting(question: WaitingInput | number = {}): Promise<ReadonlyArray<WaitingEvent>> {
    return this.#ask(this.#calls.waiting(question), typeof question === "number" ? {} : question)
  }

  async operations(question: OperationsInput = {}): Promise<Page<OperatorAct>> {
    return this.#ask(this.#calls.operations(question), question)
  }

  async persons(question: PersonsInput = {}): Promise<PersonsPage> {
    return this.#ask(this.#calls.persons(question), question)
  }

  async person(distinctId: string, options: PersonOptions = {}): Promise<Person | undefined> {
    return this.#ask(this.#calls.person(distinctId, options), options)
  }

  async why(a: string, b: string, options: PointOption = {}): Promise<WhyAnswer> {
    return this.#ask(this.#calls.why(a, b, options), options)
  }

  async undo(a: string, b: string, options: PointOption = {}): Promise<UndoAnswer> {
    return this.#ask(this.#calls.undo(a, b, options), options)
  }

  async culprits(distinctId: string, options: PointOption = {}): Promise<ReadonlyArray<Culprit>> {
    return this.#ask(this.#calls.culprits(distinctId, options), options)
  }

  async property(
    distinctId: string,
    key: string,
    options: PointOption = {},
  ): Promise<ReadonlyArray<Setting>> {
    return this.#ask(this.#calls.property(distinctId, key, options), options)
  }

  async story(distinctId: string, options: PointOption = {}): Promise<ReadonlyArray<Happening>> {
    return this.#ask(this.#calls.story(distinctId, options), options)
  }

  async trace(event: Point, options: Fresh = {}): Promise<Trace> {
    return this.#ask(this.#calls.trace(event, options), options)
  }

  async firstNamed(distinctId: string, options: Fresh = {}): Promise<number | undefined> {
    return this.#ask(this.#calls.firstNamed(distinctId, options), options)
  }

  async diff(input: DiffInput): Promise<Difference> {
    return this.#ask(this.#calls.diff(input), input)
  }

  async bisect(condition: string, options: BisectOptions = {}): Promise<BisectAnswer> {
    return this.#ask(this.#calls.bisect(condition, options), options)
  }

  async whatIf(input: WhatIfInput): Promise<WhatIfAnswer> {
    return this.#ask(this.#calls.whatIf(input), input)
  }

  async previewRetraction(eventUuid: string, options: Fresh = {}): Promise<Difference> {
    return this.#ask(this.#calls.previewRetraction(eventUuid, options), options)
  }

  async history(distinctIds?: ReadonlyArray<string>, options: Fresh = {}): Promise<History> {
    return this.#ask(this.#calls.history(distinctIds, options), options)
  }

  async retract(input: RetractInput, options?: CallOptions): Promise<Act> {
    return this.#write(this.#calls.retract(input, options), options)
  }

  async verify(input: VerifyInput = {}): Promise<Verification> {
    return this.#ask(this.#calls.verify(input), input)
  }

  async warnings(question: WarningsInput = {}): Promise<ReadonlyArray<Warning>> {
    return this.#ask(this.#calls.warnings(question), question)
  }

  async rebuild(input: RebuildInput = {}): Promise<RebuildOutcome> {
    return ProjectRebuild.asPromise(input, (heard) =>
      this.#opened.runner.run(this.#calls.rebuild(heard), { signal: heard.signal, isLong: true }),
    )
  }

  async rebuildAll(input: RebuildAllInput = {}): Promise<ReadonlyArray<ProjectRebuildOutcome>> {
    const countProjects = async () => (await this.projects()).length
    return RebuildAll.asPromise(input, countProjects, (heard) =>
      this.#opened.runner.run(this.#calls.rebuildAll(heard), {
        signal: heard.signal,
        isLong: true,
      }),
    )
  }

  /**
   * Refuses new calls, finishes the appends and questions under way, within `timeout` milliseconds (ten seconds),
   * cancels rebuilds, and closes the database. Of a project of somebody else's database it closes nothing.
   */
  async close(options: { readonly timeout?: number } = {}): Promise<void> {
    checkClose(options)
    if (this.#isOwner) await this.#opened.runner.close(options.timeout)
  }

  /** Closes it at the end of an `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #ask<A>(question: Effect.Effect<A, OnymousError>, options: CallOptions | undefined): Promise<A> {
    return this.#opened.runner.run(question, { signal: options?.signal })
  }

  #write<A>(append: Effect.Effect<A, OnymousError>, options: CallOptions | undefined): Promise<A> {
    return this.#opened.runner.run(append, { signal: options?.signal, isWrite: true })
  }
}
