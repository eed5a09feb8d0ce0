import { Schema } from "effect"

const stepFields = {
  position: Schema.Int,
  head: Schema.Int,
  state_hash: Schema.optionalKey(Schema.String),
  published: Schema.optionalKey(Schema.Boolean),
  compared_at: Schema.optionalKey(Schema.Int),
  same: Schema.optionalKey(Schema.Boolean),
  differing_persons: Schema.optionalKey(Schema.Array(Schema.String)),
}

const Step = Schema.Struct(stepFields)

/** How two derivations of a project compare. */
interface Comparison {
  readonly position: number
  readonly isSame: boolean
  readonly persons: ReadonlyArray<string>
}

/** A step of a rebuild as every answer tells it. */
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
  }),
  ...(step.outcome && { state_hash: step.outcome.stateHash, published: step.outcome.isPublished }),
})

/**
 * How far a rebuild is; the last two tell how it compares with what is live, before it takes its place, and
 * what it came to. One that cannot go on ends with why.
 */
export const RebuildStep = Schema.Union([Step, Schema.Struct({ error: Schema.String })])

/** The same, of one of all projects. */
export const RebuildStepOfProject = Schema.Union([
  Schema.Struct({ project: Schema.String, ...stepFields }),
  Schema.Struct({ project: Schema.String, error: Schema.String }),
])
