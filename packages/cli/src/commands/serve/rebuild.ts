import { Editions } from "@onymous/persons/Editions"
import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { rebuildStep } from "@onymous/api/forms/RebuildForms"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import * as DerivationVersion from "@onymous/persons/DerivationVersion"
import { isOf } from "@onymous/projector/page/ProjectPage"
import type { Options, Progress } from "@onymous/projector/rebuild/Rebuild"
import { mebibytesMax, rebuild as derive, toOptions } from "onymous/ProjectRebuild"
import * as RebuildAll from "onymous/RebuildAll"
import type { Found } from "../../asking/ServerFile.ts"
import * as ServerRebuild from "../../asking/ServerRebuild.ts"
import * as Source from "../../asking/Source.ts"
import { onDatabase, projectIn, within } from "../../flags/DatabaseFlags.ts"
import { CouldNot, SaysNo } from "../../CommandError.ts"
import * as LostConnection from "../../LostConnection.ts"
import { refusal } from "../../flags/Setting.ts"
import { acting, type Given } from "../../flags/SourceFlags.ts"
import { Progress as Line } from "../../output/ProgressLine.ts"
import { type Rebuilt, tellFailed, tellStep, type Telling } from "./RebuildAnswer.ts"

/** Derives persons and warnings again from the log, beside the live ones. */
export const rebuild = Command.make(
  "rebuild",
  {
    ...acting,
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
  },
  Effect.fn(function* (given) {
    const { verifyOnly } = given
    const source = yield* Source.of(given)
    const rebuilt =
      source._tag === "Server"
        ? yield* onServer(source.server, given)
        : yield* onDatabase(given, onServices(given))
    const differing = rebuilt.filter(({ same }) => !same)
    if (verifyOnly && differing.length > 0) {
      const listed = differing.map(({ project }) => project).join(", ")
      const message = `What is there is not what the log comes to, in project ${listed}.`
      return yield* new SaysNo({ message, code: "differs" })
    }
  }),
).pipe(Command.withDescription("Derive persons and warnings anew from the log"))

interface Wanted extends Given, Telling {
  readonly all: boolean
  readonly gentle: boolean
  readonly memory: Option.Option<number>
}

const noProject = Console.error("There is no project.")

/** A running server rebuilds, gently, because it has other work; it limits its memory itself. */
const onServer = Effect.fnUntraced(function* (server: Found, given: Wanted) {
  const { all, memory, project: named, verifyOnly } = given
  if (Option.isSome(memory)) {
    const expected = "a database that no server has: a running one limits itself"
    return yield* refusal({ from: "--memory" }, expected)
  }
  const project = all ? undefined : Option.getOrElse(named, () => "1")
  const rebuilt: Array<Rebuilt> = []
  const failed: Array<string> = []
  yield* ServerRebuild.run(server, { project, verifyOnly }, (step) =>
    Effect.gen(function* () {
      if ("error" in step) {
        if (!all) return yield* new CouldNot(step.error)
        failed.push(step.project)
        return yield* tellFailed(step.project, step.error.message)
      }
      const done = yield* tellStep(step.project, step, given)
      if (done !== undefined) rebuilt.push(done)
    }),
  )
  if (failed.length > 0) {
    const count = failed.length + rebuilt.length
    const message = `Of ${count} project${count === 1 ? "" : "s"}, these are not derived anew: ${failed.join(", ")}.`
    return yield* new CouldNot({ message, code: "not_rebuilt" })
  }
  if (rebuilt.length > 0) return rebuilt
  if (!all) {
    const message = `${server.url} hung up before the rebuild ended.`
    return yield* new CouldNot({ message, code: "unavailable" })
  }
  yield* noProject
  return rebuilt
})

/** Rebuilds in this process, on the services of a database. */
const onServices = Effect.fnUntraced(function* (given: Wanted) {
  const { all, memory, verifyOnly, gentle } = given
  const limit = Option.isSome(memory) ? { memory: memory.value } : {}
  const options = toOptions({ verifyOnly, gentle, ...limit })
  const outcomes = all
    ? yield* each(options, given)
    : [yield* one(yield* projectIn(given.project), options, given)]
  return outcomes.map(({ project, comparison }) => ({ project, same: comparison.isSame }))
})

/** Rebuilds one project after the other; prints a failure at once, with its project. */
const each = Effect.fnUntraced(function* (options: Options, telling: Telling) {
  const outcomes = yield* RebuildAll.each(
    (project) => one(project, options, telling),
    ({ project, error }) =>
      tellFailed(project, error instanceof Error ? error.message : String(error)),
  )
  if (outcomes.length === 0) yield* noProject
  return outcomes
})

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

const one = Effect.fnUntraced(function* (id: ProjectId, options: Options, telling: Telling) {
  const before = yield* editionOf(id)
  const left = yield* resumePosition(id)
  let isTold = false
  const tell = (progress: Progress) =>
    Effect.suspend(() => {
      isTold ||= progress.outcome !== undefined
      return Effect.asVoid(tellStep(id, rebuildStep(progress), telling, left))
    })
  const derived = yield* LostConnection.explained(derive(id, options, tell), () => goesOn).pipe(
    Effect.onInterrupt(() => (isTold ? Effect.void : tellPublished(id, before))),
  )
  return { project: id, ...derived }
})

/** What a lost connection leaves: the edition in the making stays after a failure. */
const goesOn = "The next rebuild goes on from there."

/** The live edition of a project. */
const editionOf = (id: ProjectId) =>
  Effect.gen(function* () {
    return (yield* (yield* Editions).live(id))?.edition
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
