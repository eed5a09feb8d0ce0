import { Editions } from "@onymous/persons/Editions"
import { Array as Arr, Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import * as DerivationVersion from "@onymous/persons/DerivationVersion"
import type { Comparison } from "@onymous/persons/Editions"
import { Persons } from "@onymous/persons/Persons"
import { isOf } from "@onymous/projector/page/ProjectPage"
import type { Options, Progress } from "@onymous/projector/rebuild/Rebuild"
import { mebibytesMax, rebuild as derive, toOptions } from "onymous/ProjectRebuild"
import * as RebuildAll from "onymous/RebuildAll"
import type { ProjectRebuildOutcome } from "onymous/RebuildAll"
import {
  database,
  json,
  onDatabase,
  project,
  projectIn,
  within,
} from "../../flags/DatabaseFlags.ts"
import { SaysNo } from "../../CommandError.ts"
import * as Answer from "../../output/Answer.ts"
import { Progress as Line } from "../../output/ProgressLine.ts"
import { showRebuild } from "../../output/RebuildLine.ts"

/** Derives persons and warnings again from the log, beside the live ones. */
export const rebuild = Command.make(
  "rebuild",
  {
    ...database,
    project,
    all: Flag.Boolean("all").pipe(
      Flag.withDescription("All projects, one after the other"),
      Flag.withDefault(false),
    ),
    verifyOnly: Flag.Boolean("verify-only").pipe(
      Flag.withDescription("Only compare: what is there stays; exit code 1 where it differs"),
      Flag.withDefault(false),
    ),
    memory: Flag.Int("memory").pipe(
      within(1, mebibytesMax()),
      Flag.withDescription(
        "MiB that the fold may take, else two fifths of the heap; what does not fit goes by pages",
      ),
      Flag.optional,
    ),
    gentle: Flag.Boolean("gentle").pipe(
      Flag.withDescription(
        "Rest for as long as each step took, a second at most: others have the machine meanwhile",
      ),
      Flag.withDefault(false),
    ),
    json,
  },
  Effect.fn(function* ({
    project: named,
    all,
    memory,
    json: asJson,
    verifyOnly,
    gentle,
    ...location
  }) {
    const limit = Option.isSome(memory) ? { memory: memory.value } : {}
    const options = toOptions({ verifyOnly, gentle, ...limit })
    const program = all
      ? each(options, asJson)
      : Effect.flatMap(projectIn(named), (id) => Effect.map(one(id, options, asJson), Arr.of))
    const outcomes = yield* onDatabase(location, program)
    const differing = outcomes.filter(({ comparison }) => !comparison.isSame)
    if (verifyOnly && differing.length > 0) {
      const message = `What is there is not what the log comes to, in project ${listed(differing)}.`
      return yield* new SaysNo({ message })
    }
  }),
).pipe(Command.withDescription("Derive persons and warnings anew from the log"))

/** Rebuilds one project after the other; prints a failure at once, with its project. */
const each = Effect.fnUntraced(function* (options: Options, asJson: boolean) {
  const outcomes = yield* RebuildAll.each(
    (project) => one(project, options, asJson),
    ({ project, error }) => {
      const message = error instanceof Error ? error.message : String(error)
      return Console.error(`Project ${project} is not derived anew: ${message}`)
    },
  )
  if (outcomes.length === 0) yield* Console.error("There is no project.")
  return outcomes
})

const listed = (projects: ReadonlyArray<{ readonly project: ProjectId }>): string =>
  projects.map(({ project }) => project).join(", ")

/**
 * The position at which this rebuild resumes another; this process does not derive the events
 * before it.
 */
const resumePosition = Effect.fnUntraced(function* (id: ProjectId) {
  const { logId } = yield* (yield* EventLog).head(id)
  const left = (yield* (yield* Editions).making(id))?.checkpoint
  const line = yield* Line
  if (left !== undefined)
    line.show({ name: "A rebuild was begun: looking whether it is on its way" })
  if (left?.version !== DerivationVersion.version) return 0
  return (yield* isOf(left, logId)) ? left.position : 0
})

const one = Effect.fnUntraced(function* (id: ProjectId, options: Options, asJson: boolean) {
  const verifyOnly = options.verifyOnly === true
  const before = yield* editionOf(id)
  const left = yield* resumePosition(id)
  let isTold = false
  const line = yield* Line
  const show = (progress: Progress) =>
    Effect.gen(function* () {
      const { comparison, outcome } = progress
      showRebuild(line, progress, left)
      if (outcome !== undefined) {
        isTold = true
        // The line ends at once, so that a user who interrupts the clean-up knows that the edition
        // is published.
        const rebuilt = { project: id, ...outcome }
        yield* Answer.print(toJson(rebuilt), asJson, () => [print(rebuilt, verifyOnly)])
      } else if (comparison !== undefined && !comparison.isSame && comparison.position > 0) {
        yield* Console.error(`Project ${id} is derived anew; it is ${comparisonText(comparison)}.`)
      }
    })
  const derived = yield* Effect.onInterrupt(derive(id, options, show), () =>
    isTold ? Effect.void : tellPublished(id, before),
  )
  return { project: id, ...derived }
})

/** The live edition of a project. */
const editionOf = (id: ProjectId) =>
  Effect.gen(function* () {
    return (yield* (yield* Persons).checkpoint(id))?.edition
  })

/** A rebuild that is cancelled while it publishes may have done so; the live edition tells. */
const tellPublished = (id: ProjectId, before: string | undefined) =>
  editionOf(id).pipe(
    Effect.flatMap((live) =>
      live === before
        ? Effect.void
        : Console.error(`Project ${id} is rebuilt: it had taken its place before.`),
    ),
    Effect.ignore,
  )

const toJson = ({
  project,
  position,
  stateHash,
  isPublished,
  comparison,
}: ProjectRebuildOutcome) => ({
  project,
  position,
  state_hash: stateHash,
  published: isPublished,
  compared_at: comparison.position,
  same: comparison.isSame,
  differing_persons: comparison.persons,
  ...(comparison.tables && { differing_tables: comparison.tables }),
})

const comparisonText = ({ position, isSame, persons, tables = [] }: Comparison): string => {
  if (position === 0) return "there was nothing to compare it with"
  if (isSame) return `the same as before at position ${position}`
  const told = tables.map(
    ({ table, position: at, reason = "another one" }) => `${table} from ${at} on (${reason})`,
  )
  const named = [...told, ...persons]
  return `not what was there at position ${position}: ${named.join(", ") || "its hash differs"}`
}

const print = (rebuilt: ProjectRebuildOutcome, verifyOnly: boolean): string => {
  const { project, position, stateHash, comparison } = rebuilt
  const done = verifyOnly ? "was derived anew, and discarded" : "is rebuilt"
  return `Project ${project} ${done}, up to position ${position}: state ${stateHash}, ${comparisonText(comparison)}.`
}
