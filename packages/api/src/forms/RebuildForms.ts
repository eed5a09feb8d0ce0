import { Schema } from "effect"

const stepFields = {
  position: Schema.Int,
  head: Schema.Int,
  state_hash: Schema.optionalKey(Schema.String),
  published: Schema.optionalKey(Schema.Boolean),
  compared_at: Schema.optionalKey(Schema.Int),
  same: Schema.optionalKey(Schema.Boolean),
  differing_persons: Schema.optionalKey(Schema.Array(Schema.String)),
  differing_tables: Schema.optionalKey(
    Schema.Array(Schema.Struct({ table: Schema.String, position: Schema.Int })),
  ),
}

const Step = Schema.Struct(stepFields)

/** The comparison of two derivations of a project. */
interface Comparison {
  readonly position: number
  readonly isSame: boolean
  readonly persons: ReadonlyArray<string>
  readonly tables?: ReadonlyArray<{ readonly table: string; readonly position: number }>
}

/** The form of a rebuild's progress. */
export const rebuildStep = (step: {
  readonly position: number
  readonly head: number
  readonly comparison?: Comparison | undefined
  readonly outcome?: { readonly stateHash: string; readonly isPublished: boolean } | undefined
}): typeof Step.Type => ({
  position: step.position,
  head: step.head,
  ...(step.comparison && {
    compared_at: step.comparison.position,
    same: step.comparison.isSame,
    differing_persons: step.comparison.persons,
    ...(step.comparison.tables && { differing_tables: step.comparison.tables }),
  }),
  ...(step.outcome && { state_hash: step.outcome.stateHash, published: step.outcome.isPublished }),
})

/** Why a rebuild did not end; `being_made` where another one is on its way. */
const Failure = Schema.Struct({
  code: Schema.Literals(["being_made", "failed"]),
  message: Schema.String,
})

/**
 * The progress of a rebuild. One step has the comparison of the new edition with the live one,
 * before it replaces that; the last has the outcome. A rebuild that fails ends with its error.
 */
export const RebuildStep = Schema.Union([Step, Schema.Struct({ error: Failure })])

/** The progress of one of several rebuilds, with its project. */
export const RebuildStepOfProject = Schema.Union([
  Schema.Struct({ project: Schema.String, ...stepFields }),
  Schema.Struct({ project: Schema.String, error: Failure }),
])
