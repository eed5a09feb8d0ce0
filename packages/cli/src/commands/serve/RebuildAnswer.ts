import { Console, Effect } from "effect"
import type { RebuildProgress } from "@onymous/api/forms/RebuildForms"
import * as Answer from "../../output/Answer.ts"
import { Progress } from "../../output/ProgressLine.ts"
import { showRebuild } from "../../output/RebuildLine.ts"

/** How the steps of a rebuild are printed. */
export interface Telling {
  readonly verifyOnly: boolean
  readonly json: boolean
}

interface Comparison extends Pick<RebuildProgress, "differing_tables"> {
  readonly compared_at: number
  readonly same: boolean
  readonly differing_persons: ReadonlyArray<string>
}

/** The outcome of a project's rebuild. */
export interface Rebuilt extends Comparison {
  readonly project: string
  readonly position: number
  readonly state_hash: string
  readonly published: boolean
}

const comparisonOf = (step: RebuildProgress): Comparison => ({
  compared_at: step.compared_at ?? 0,
  same: step.same === true,
  differing_persons: step.differing_persons ?? [],
  ...(step.differing_tables && { differing_tables: step.differing_tables }),
})

const rebuiltOf = (project: string, step: RebuildProgress): Rebuilt | undefined =>
  step.state_hash === undefined
    ? undefined
    : {
        project,
        position: step.position,
        state_hash: step.state_hash,
        published: step.published === true,
        ...comparisonOf(step),
      }

const comparisonText = ({
  compared_at,
  same,
  differing_persons,
  differing_tables = [],
}: Comparison): string => {
  if (compared_at === 0) return "there was nothing to compare it with"
  if (same) return `the same as before at position ${compared_at}`
  const told = differing_tables.map(
    ({ table, position: at, reason = "another one" }) => `${table} from ${at} on (${reason})`,
  )
  const named = [...told, ...differing_persons]
  return `not what was there at position ${compared_at}: ${named.join(", ") || "its hash differs"}`
}

const print = (rebuilt: Rebuilt, verifyOnly: boolean): string => {
  const { project, position, state_hash } = rebuilt
  const done = verifyOnly ? "was derived anew, and discarded" : "is rebuilt"
  return `Project ${project} ${done}, up to position ${position}: state ${state_hash}, ${comparisonText(rebuilt)}.`
}

/**
 * Shows a step of a rebuild, and returns the outcome at its last step. Events that another rebuild has derived, up to
 * `left`, do not count in the rate.
 */
export const tellStep = Effect.fnUntraced(function* (
  project: string,
  step: RebuildProgress,
  { json, verifyOnly }: Telling,
  left = 0,
) {
  showRebuild(yield* Progress, step, left)
  const rebuilt = rebuiltOf(project, step)
  if (rebuilt !== undefined) {
    // The line ends at once, so that a user who interrupts the clean-up knows that the edition
    // is published.
    yield* Answer.print(rebuilt, json, () => [print(rebuilt, verifyOnly)])
  } else if (step.same === false && step.compared_at !== undefined && step.compared_at > 0) {
    const compared = comparisonText(comparisonOf(step))
    yield* Console.error(`Project ${project} is derived anew; it is ${compared}.`)
  }
  return rebuilt
})

/** Prints the failure of one of several rebuilds at once, with its project. */
export const tellFailed = (project: string, message: string): Effect.Effect<void> =>
  Console.error(`Project ${project} is not derived anew: ${message}`)
