import { Effect } from "effect"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import { HistorySource } from "@onymous/timetravel/history/HistorySource"
import { errorOfSeveral } from "../errors/ErrorOf.ts"
import { checkFresh } from "../inputs/CallOptions.ts"
import * as Inputs from "../inputs/CaptureInputs.ts"
import type { CaptureInput } from "../inputs/CaptureInputs.ts"
import { check, textOf, type VerifyInput } from "../inputs/QuestionInputs.ts"
import * as EventWriter from "../transaction/EventWriter.ts"
import type {
  Captured,
  LockedOptions,
  OutboxOptions,
  Promised,
  WriteOptions,
} from "../transaction/WriteOptions.ts"
import { type Call, call, write } from "./Call.ts"
import * as OperatorCalls from "./OperatorCalls.ts"
import type { ProjectCalls } from "./ProjectCalls.ts"
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

type Writes = "capture" | "captureAll" | "statement" | "identify" | "alias"

const writes = (session: Session): Pick<ProjectCalls, Writes> => ({
  capture: captureOf(session, (input: CaptureInput) => input),
  captureAll: captureAllOf(session),
  statement: (inputs, order = "locked") => EventWriter.statement(session, inputs, order),
  identify: captureOf(session, Inputs.toIdentify),
  alias: captureOf(session, Inputs.toAlias),
})

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

type OfThePast = Exclude<keyof ProjectCalls, Writes | OfPersons | keyof OperatorCalls.OperatorCalls>

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
  ...OperatorCalls.make(session),
  ...ofPersons(session),
  ...ofThePast(session),
})
