import { Duration, Effect } from "effect"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Operation } from "@onymous/identity/event/Event"
import type { Position } from "@onymous/identity/event/Position"
import { OperationRefused } from "@onymous/log/OperationRefused"
import { OperatorActions } from "@onymous/projector/OperatorActions"
import { HistorySource } from "@onymous/timetravel/history/HistorySource"
import { errorOf, errorOfSeveral } from "../errors/ErrorOf.ts"
import { OnymousError } from "../errors/OnymousError.ts"
import { type CallOptions, check as checkCall, checkFresh } from "../inputs/CallOptions.ts"
import * as Inputs from "../inputs/CaptureInputs.ts"
import type { CaptureInput } from "../inputs/CaptureInputs.ts"
import * as Operators from "../inputs/OperatorInputs.ts"
import { check, textOf, type VerifyInput } from "../inputs/QuestionInputs.ts"
import * as EventWriter from "../transaction/EventWriter.ts"
import type {
  Captured,
  LockedOptions,
  OutboxOptions,
  Promised,
  WriteOptions,
} from "../transaction/WriteOptions.ts"
import type { Call, ProjectCalls } from "./ProjectCalls.ts"
import * as ProjectRebuild from "../ProjectRebuild.ts"
import * as DifferenceQuestions from "../questions/DifferenceQuestions.ts"
import * as EventQuestions from "../questions/EventQuestions.ts"
import * as MergeQuestions from "../questions/MergeQuestions.ts"
import * as PersonQuestions from "../questions/PersonQuestions.ts"
import * as ProjectState from "../questions/ProjectState.ts"
import * as StoryQuestions from "../questions/StoryQuestions.ts"
import * as WarningQuestions from "../questions/WarningQuestions.ts"
import * as RebuildAll from "../RebuildAll.ts"
import type { Session } from "../session/Session.ts"

type Several = ReadonlyArray<CaptureInput>
type Written = ReadonlyArray<Captured> | ReadonlyArray<Promised>

/** What a call that took too long fails with: to go on waiting may help. */
const timedOut = (milliseconds: number) =>
  new OnymousError({
    code: "timeout",
    message: `It was not done within ${milliseconds} ms.`,
    isRetryable: true,
  })

/** Interrupts an effect when a signal aborts; a signal that is none is refused by the check of the call's input. */
const until = <A, E>(signal: AbortSignal | undefined, effect: Effect.Effect<A, E>) => {
  if (!(signal instanceof AbortSignal)) return effect
  return signal.aborted ? Effect.interrupt : Effect.raceFirst(effect, aborted(signal))
}

const aborted = (signal: AbortSignal) =>
  Effect.callback<never>((resume) => {
    const abort = () => resume(Effect.interrupt)
    signal.addEventListener("abort", abort, { once: true })
    return Effect.sync(() => signal.removeEventListener("abort", abort))
  })

/** Runs a call: whatever its input, the log or the persons fail with becomes an `OnymousError`. */
const call = <A, E>(
  options: CallOptions | undefined,
  make: () => Effect.Effect<A, E>,
): Effect.Effect<A, OnymousError> =>
  Effect.suspend(() => {
    const made = Effect.flatten(Effect.try({ try: make, catch: errorOf }))
    const { timeout } = options ?? {}
    // A limit that is none is refused by the check of the call's input.
    const limited =
      typeof timeout !== "number"
        ? made
        : Effect.timeoutOrElse(made, {
            duration: Duration.millis(timeout),
            orElse: () => Effect.fail(timedOut(timeout)),
          })
    return Effect.mapError(until(options?.signal, limited), errorOf)
  })

/** A failed write says whether its events can be in the log all the same. */
const write = <A, E>(
  options: CallOptions | undefined,
  make: () => Effect.Effect<A, E>,
): Effect.Effect<A, OnymousError> =>
  call(options, make).pipe(
    Effect.catchDefect((defect) => Effect.fail(errorOf(defect))),
    Effect.mapError((error) => error.ofWrite()),
  )

/** A write that takes no other options than any call. */
const act = <A, E>(options: CallOptions | undefined, make: () => Effect.Effect<A, E>) =>
  write(options, () => {
    checkCall(options ?? {})
    return make()
  })

const acted = <A, E>(act: (actions: OperatorActions["Service"]) => Effect.Effect<A, E>) =>
  Effect.mapError(Effect.flatMap(OperatorActions, act), (error) =>
    error instanceof OperationRefused ? Operators.refusal(error) : error,
  )

/** Appends what an input says as one event, alone or in a transaction of the host. */
const captureOf = <Input>(session: Session, toCapture: (input: Input) => CaptureInput) => {
  function capture(input: Input, options: OutboxOptions): Call<Promised>
  function capture(input: Input, options?: LockedOptions): Call<Captured>
  function capture(input: Input, options?: WriteOptions): Call<Captured | Promised>
  function capture(input: Input, options: WriteOptions = {}) {
    return write(options, () => EventWriter.append(session, () => toCapture(input), options))
  }
  return capture
}

const captureAllOf = (session: Session): ProjectCalls["captureAll"] => {
  function captureAll(inputs: Several, options: OutboxOptions): Call<ReadonlyArray<Promised>>
  function captureAll(inputs: Several, options?: LockedOptions): Call<ReadonlyArray<Captured>>
  function captureAll(inputs: Several, options?: WriteOptions): Call<Written>
  function captureAll(inputs: Several, options: WriteOptions = {}) {
    return write(options, () =>
      Effect.mapError(EventWriter.appendAll(session, inputs, options), errorOfSeveral),
    )
  }
  return captureAll
}

type Writes =
  | "capture"
  | "captureAll"
  | "statement"
  | "identify"
  | "alias"
  | "split"
  | "deletePerson"
  | "merge"
  | "edit"
  | "changePolicy"
  | "retract"

const writes = (session: Session): Pick<ProjectCalls, Writes> => {
  const { project } = session
  const recordAct = <E>(act: (actions: OperatorActions["Service"]) => Effect.Effect<Act, E>) =>
    session.recordAfterCatchUp(acted(act))
  const operate = (operation: Operation) =>
    recordAct((actions) => actions.operate(project, operation))
  return {
    capture: captureOf(session, (input: CaptureInput) => input),
    captureAll: captureAllOf(session),
    statement: (inputs, order = "locked") => EventWriter.statement(session, inputs, order),
    identify: captureOf(session, Inputs.toIdentify),
    alias: captureOf(session, Inputs.toAlias),
    split: (input, options) => act(options, () => operate(Operators.toSplit(input))),
    deletePerson: (input, options) => act(options, () => operate(Operators.toDelete(input))),
    merge: (input, options) => act(options, () => operate(Operators.toMerge(input))),
    edit: (input, options) => act(options, () => operate(Operators.toEdit(input))),
    changePolicy: (change, options) =>
      act(options, () => {
        const wanted = Operators.toPolicyChange(change)
        return session.record(acted((actions) => actions.changePolicy(project, wanted)))
      }),
    retract: (input, options) =>
      act(options, () => {
        const wanted = Operators.toRetraction(input)
        return recordAct((actions) => actions.retract(project, wanted))
      }),
  }
}

/** Where the event of an act lies. */
interface Act {
  readonly position: Position
  readonly uuid: string
}

const verify = (session: Session, input: VerifyInput) => {
  check.verify(input)
  const { from, deep = false } = input
  if (deep) return session.verify()
  return session.askPast({}, (past) => past.verify(session.project, { from: textOf(from) }))
}

const history = (session: Session, distinctIds: ReadonlyArray<string> | undefined) => {
  const { project } = session
  return Effect.flatMap(HistorySource, (source) =>
    distinctIds === undefined
      ? source.whole(project)
      : source.about(project, new Set(distinctIds.map(DistinctId))),
  )
}

type OfPersons =
  | "person"
  | "persons"
  | "events"
  | "waiting"
  | "operations"
  | "warnings"
  | "policy"
  | "projects"
  | "status"

const ofPersons = (session: Session): Pick<ProjectCalls, OfPersons> => ({
  person: (id, options = {}) => call(options, () => PersonQuestions.person(session, id, options)),
  persons: (question = {}) => call(question, () => PersonQuestions.persons(session, question)),
  events: (question = {}) => call(question, () => EventQuestions.events(session, question)),
  waiting: (question = {}) =>
    call(typeof question === "number" ? {} : question, () =>
      EventQuestions.waiting(session, question),
    ),
  operations: (question = {}) => call(question, () => EventQuestions.operations(session, question)),
  warnings: (question = {}) => call(question, () => WarningQuestions.warnings(session, question)),
  policy: (options = {}) => call(options, () => ProjectState.policy(session, options)),
  projects: (options = {}) => call(options, () => ProjectState.projects(session, options)),
  status: (options = {}) => call(options, () => ProjectState.status(session, options)),
})

type OfThePast = Exclude<keyof ProjectCalls, Writes | OfPersons>

const ofThePast = (session: Session): Pick<ProjectCalls, OfThePast> => ({
  why: (a, b, options = {}) => call(options, () => MergeQuestions.why(session, a, b, options)),
  undo: (a, b, options = {}) => call(options, () => MergeQuestions.undo(session, a, b, options)),
  culprits: (id, options = {}) =>
    call(options, () => MergeQuestions.culprits(session, id, options)),
  property: (distinctId, key, options = {}) =>
    call(options, () => StoryQuestions.property(session, { distinctId, key, options })),
  story: (id, options = {}) => call(options, () => StoryQuestions.story(session, id, options)),
  trace: (event, options = {}) =>
    call(options, () => StoryQuestions.trace(session, event, options)),
  firstNamed: (id, options = {}) =>
    call(options, () => StoryQuestions.firstNamed(session, id, options)),
  diff: (input) => call(input, () => DifferenceQuestions.diff(session, input)),
  bisect: (condition, options = {}) =>
    call(options, () => DifferenceQuestions.bisect(session, condition, options)),
  whatIf: (input) => call(input, () => DifferenceQuestions.whatIf(session, input)),
  previewRetraction: (uuid, options = {}) =>
    call(options, () => DifferenceQuestions.previewRetraction(session, uuid, options)),
  history: (distinctIds, options = {}) =>
    call(options, () => {
      checkFresh(options)
      return session.ask(history(session, distinctIds), options)
    }),
  verify: (input = {}) => call(input, () => verify(session, input)),
  rebuild: (input = {}) => ProjectRebuild.orDone(session, input, (make) => call(input, make)),
  rebuildAll: (input = {}) => call(input, () => RebuildAll.of(session, input)),
})

/** The calls of a session's project. */
export const make = (session: Session): ProjectCalls => ({
  ...writes(session),
  ...ofPersons(session),
  ...ofThePast(session),
})
