import { Schema } from "effect"
import { At, PersonId, Project, StateHash, text, truth } from "./Listing.ts"

const Phase = Schema.Literals(["deriving", "indexing", "comparing", "publishing"]).annotate({
  description: "What it does at the moment",
})

const stepFields = {
  phase: Phase,
  position: At.annotate({ description: "How far it is" }),
  head: At.annotate({ description: "Where the log ends" }),
  state_hash: Schema.optionalKey(StateHash),
  published: Schema.optionalKey(truth("True once it has taken the place of what was live")),
  compared_at: Schema.optionalKey(At.annotate({ description: "Where the two were compared" })),
  same: Schema.optionalKey(truth("True where both are the same there")),
  differing_persons: Schema.optionalKey(
    Schema.Array(PersonId).annotate({ description: "Persons that differ, at most 20" }),
  ),
  differing_tables: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({
        table: text("A table", "persons"),
        position: At,
        reason: Schema.optionalKey(
          text("What is wrong there", "the event is not what was appended"),
        ),
      }).annotate({
        description: "A table that differs, and from where on",
      }),
    ).annotate({ description: "Tables that differ, where all were compared" }),
  ),
}

const Step = Schema.Struct(stepFields).annotate({
  description: "How far it is, or what came of it",
})

/** How far a rebuild is, or what came of it. */
export type RebuildProgress = typeof Step.Type

/** The comparison of two derivations of a project. */
interface Comparison {
  readonly position: number
  readonly isSame: boolean
  readonly persons: ReadonlyArray<string>
  readonly tables?: ReadonlyArray<{
    readonly table: string
    readonly position: number
    readonly reason?: string
  }>
}

/** The form of a rebuild's progress. */
export const rebuildStep = (step: {
  readonly phase: typeof Phase.Type
  readonly position: number
  readonly head: number
  readonly comparison?: Comparison | undefined
  readonly outcome?: { readonly stateHash: string; readonly isPublished: boolean } | undefined
}): RebuildProgress => ({
  phase: step.phase,
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

/** Why a rebuild did not come to its end; `being_made` where another one is on its way, `ended` where somebody ended it. */
const Failure = Schema.Struct({
  code: Schema.Literals(["being_made", "ended", "failed"]).annotate({
    description: "Whether another one is on its way, somebody ended it, or it failed",
  }),
  message: text("Why it cannot go on", "It failed: the log of the server says why."),
}).annotate({ description: "Why it cannot go on" })

/**
 * The progress of a rebuild. One step has the comparison of the new edition with the live one,
 * before it replaces that; the last has the outcome. A rebuild that fails ends with its error.
 */
export const RebuildStep = Schema.Union([
  Step,
  Schema.Struct({ error: Failure }).annotate({ description: "Why it cannot go on" }),
]).annotate({ description: "A line of JSON for each step of the rebuild" })

/** Whether there was a rebuild to end. */
export const RebuildEnded = Schema.Struct({
  project: Project,
  ended: truth("True where there was one, and nothing comes of it"),
}).annotate({ description: "Whether there was a rebuild to end" })

/** The progress of one of several rebuilds, with its project. */
export const RebuildStepOfProject = Schema.Union([
  Schema.Struct({ project: Project, ...stepFields }).annotate({
    description: "How far a project is",
  }),
  Schema.Struct({ project: Project, error: Failure }).annotate({
    description: "Why it cannot go on",
  }),
]).annotate({ description: "A line of JSON for each step of each rebuild" })
