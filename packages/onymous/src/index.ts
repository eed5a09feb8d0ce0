/** What `import … from "onymous"` gives. */

export { Onymous } from "./Onymous.ts"
export type { Act, Captured } from "./Onymous.ts"
export type { Services } from "./OnymousLayer.ts"
export { layer } from "./OnymousLayer.ts"
export type { Options } from "./OpenOptions.ts"
export type { Person, PersonsPage, WarningAnswer, WhatIfAnswer } from "./PersonAnswer.ts"
export type { RebuildInput, RebuildOutcome, RebuildProgress } from "./ProjectRebuild.ts"
export { NotRebuilt } from "./RebuildAll.ts"
export type { FailedRebuild, ProjectRebuildOutcome, RebuildAllInput } from "./RebuildAll.ts"
export { InvalidInput } from "./errors/InvalidInput.ts"
export { OnymousError } from "./errors/OnymousError.ts"
export type { ErrorCode } from "./errors/OnymousError.ts"
export type { AliasInput, CaptureInput, IdentifyInput } from "./inputs/CaptureInputs.ts"
export type {
  EditInput,
  MergeInput,
  OperatorInput,
  RetractInput,
  SplitInput,
} from "./inputs/OperatorInputs.ts"
export type {
  DiffInput,
  PersonsInput,
  Point,
  PointOption,
  VerifyInput,
  WhatIfInput,
} from "./inputs/QuestionInputs.ts"
