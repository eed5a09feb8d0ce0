/**
 * What `import … from "onymous"` gives.
 *
 * @module onymous
 */

export { Onymous } from "./Onymous.ts"
export { schemaSql } from "./administration/SchemaSql.ts"
export type { SchemaSqlInput } from "./administration/SchemaSql.ts"
export { uuidOf } from "./inputs/EventUuid.ts"
export type { Executor, Row } from "./transaction/Executor.ts"
export type {
  Captured,
  LockedOptions,
  OutboxOptions,
  Promised,
  WriteOptions,
} from "./transaction/WriteOptions.ts"
export type {
  AliasMessage,
  EventMessage,
  GroupIdentifyMessage,
  IdentifyMessage,
  PostHogClient,
} from "./PostHogClient.ts"
export type { Services } from "./OnymousLayer.ts"
export { layer } from "./OnymousLayer.ts"
export type { Logger } from "./HostLogger.ts"
export type { Options, Problem, ProjectRules } from "./OpenOptions.ts"
export type { CallOptions, Fresh } from "./inputs/CallOptions.ts"
export type {
  BisectAnswer,
  Difference,
  PersonDifference,
  WhatIfAnswer,
} from "./questions/DifferenceQuestions.ts"
export type { EventCause, EventNote, OperatorAct } from "./questions/EventAnswer.ts"
export type { AttributedEvent, Page, WaitingEvent } from "./questions/EventQuestions.ts"
export type {
  ChainLink,
  Culprit,
  Separation,
  UndoAnswer,
  WhyAnswer,
} from "./questions/MergeQuestions.ts"
export type { Person } from "./questions/PersonAnswer.ts"
export type { PersonsPage } from "./questions/PersonQuestions.ts"
export type { Project, Status } from "./questions/ProjectState.ts"
export type { CountedPerson, Happening, Setting, Trace } from "./questions/StoryQuestions.ts"
export type { Warning } from "./questions/WarningQuestions.ts"
export type { RebuildInput, RebuildOutcome, RebuildProgress } from "./ProjectRebuild.ts"
export { NotRebuilt } from "./RebuildAll.ts"
export type { FailedRebuild, ProjectRebuildOutcome, RebuildAllInput } from "./RebuildAll.ts"
export { InvalidInput } from "./errors/InvalidInput.ts"
export { OnymousError } from "./errors/OnymousError.ts"
export type { ErrorCode } from "./errors/OnymousError.ts"
export type { AliasInput, CaptureInput, IdentifyInput } from "./inputs/CaptureInputs.ts"
export type {
  Act,
  EditInput,
  MergeInput,
  OperatorInput,
  RetractInput,
  SplitInput,
} from "./calls/OperatorCalls.ts"
export type {
  BisectOptions,
  DiffInput,
  EventsInput,
  OperationsInput,
  PersonOptions,
  PersonsInput,
  Point,
  PointOption,
  QuestionProgress,
  VerifyInput,
  WaitingInput,
  WarningsInput,
  WhatIfInput,
} from "./inputs/QuestionInputs.ts"
