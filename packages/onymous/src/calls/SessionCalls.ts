import { Array as Arr, Duration, Effect } from "effect"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Incoming, Operation } from "@onymous/identity/event/Event"
import type { Position } from "@onymous/identity/event/Position"
import { type Appended, EventLog } from "@onymous/log/EventLog"
import { OperationRefused } from "@onymous/log/OperationRefused"
import { OperatorActions } from "@onymous/projector/OperatorActions"
import { HistorySource } from "@onymous/timetravel/history/HistorySource"
import { errorOf } from "../errors/ErrorOf.ts"
import { InvalidInput } from "../errors/InvalidInput.ts"
import { OnymousError } from "../errors/OnymousError.ts"
import { type CallOptions, check as checkCall, checkFresh } from "../inputs/CallOptions.ts"
import * as Inputs from "../inputs/CaptureInputs.ts"
import * as Operators from "../inputs/OperatorInputs.ts"
import { check, textOf, type VerifyInput } from "../inputs/QuestionInputs.ts"
import type { Captured, ProjectCalls } from "./ProjectCalls.ts"
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

/** What a call that took too long fails with: to go on waiting may help. */
const timedOut = (milliseconds: number) =>
  new OnymousError({
    code: "timeout",
    message: `It was not done within ${milliseconds} ms.`,
    isRetryable: true,
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
    return Effect.mapError(limited, errorOf)
  })

/** A failed write says whether its events can be in the log all the same. */
const write = <A, E>(
  options: CallOptions | undefined,
  make: () => Effect.Effect<A, E>,
): Effect.Effect<A, OnymousError> =>
  Effect.mapError(
    call(options, () => {
      checkCall(options ?? {})
      return make()
    }),
    (error) => error.ofWrite(),
  )

const acted = <A, E>(act: (actions: OperatorActions["Service"]) => Effect.Effect<A, E>) =>
  Effect.mapError(Effect.flatMap(OperatorActions, act), (error) =>
    error instanceof OperationRefused ? Operators.refusal(error) : error,
  )

const append = (session: Session, events: Arr.NonEmptyReadonlyArray<Incoming>) =>
  session.record(Effect.flatMap(EventLog, (log) => log.append(session.project, events)))

const toCaptured = (events: ReadonlyArray<Incoming>, { places }: Appended) =>
  places.map(({ position, isNew }, index): Captured => ({
    position,
    uuid: events[index]?.event.uuid ?? "",
    isNew,
  }))

const capture = (session: Session, incoming: Incoming) =>
  Effect.map(append(session, [incoming]), ({ position, added }): Captured => ({
    position,
    uuid: incoming.event.uuid,
    isNew: added > 0,
  }))

/** The event of one of many inputs; throws `InvalidInput` with its index. */
const eventAt = (input: Inputs.CaptureInput, index: number): Incoming => {
  try {
    return Inputs.toEvent(input)
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error
    const { field, expected } = error
    throw new InvalidInput({ field: `events[${index}].${field}`, expected })
  }
}

const captureAll = (session: Session, inputs: ReadonlyArray<Inputs.CaptureInput>) => {
  if (!Array.isArray(inputs)) throw new InvalidInput({ field: "events", expected: "a list" })
  const events = inputs.map(eventAt)
  if (!Arr.isReadonlyArrayNonEmpty(events)) return Effect.succeed<ReadonlyArray<Captured>>([])
  return Effect.map(append(session, events), (appended) => toCaptured(events, appended))
}

type Writes =
  | "capture"
  | "captureAll"
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
    capture: (input, options) => write(options, () => capture(session, Inputs.toEvent(input))),
    captureAll: (inputs, options) => write(options, () => captureAll(session, inputs)),
    identify: (input, options) =>
      write(options, () => capture(session, Inputs.toEvent(Inputs.toIdentify(input)))),
    alias: (input, options) =>
      write(options, () => capture(session, Inputs.toEvent(Inputs.toAlias(input)))),
    split: (input, options) => write(options, () => operate(Operators.toSplit(input))),
    deletePerson: (input, options) => write(options, () => operate(Operators.toDelete(input))),
    merge: (input, options) => write(options, () => operate(Operators.toMerge(input))),
    edit: (input, options) => write(options, () => operate(Operators.toEdit(input))),
    changePolicy: (change, options) =>
      write(options, () => {
        const wanted = Operators.toPolicyChange(change)
        return session.record(acted((actions) => actions.changePolicy(project, wanted)))
      }),
    retract: (input, options) =>
      write(options, () => {
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
  rebuild: (input = {}) => call(input, () => ProjectRebuild.of(session, input)),
  rebuildAll: (input = {}) => call(input, () => RebuildAll.of(session, input)),
})

/** The calls of a session's project. */
export const make = (session: Session): ProjectCalls => ({
  ...writes(session),
  ...ofPersons(session),
  ...ofThePast(session),
})
