import { Effect, Layer, Result } from "effect"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Recorded } from "@onymous/identity/event/Event"
import { zero } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as Identity from "@onymous/identity/Identity"
import type { Policy } from "@onymous/identity/policy/Policy"
import * as ConePast from "@onymous/identity/retraction/ConePast"
import { LogById } from "@onymous/identity/retraction/LogById"
import * as Cones from "@onymous/identity/state/Cones"
import * as StateHash from "@onymous/identity/state/StateHash"
import * as ConeLog from "@onymous/log/ConeLog"
import * as MemoryLookups from "@onymous/log/memory/MemoryLookups"
import { initial } from "@onymous/persons/Checkpoint"
import { layerTables } from "@onymous/persons/memory/MemoryPersons"
import type { Persons } from "@onymous/persons/Persons"
import * as EditedLog from "./EditedLog.ts"
import { build, type History } from "./History.ts"
import { HistorySource } from "./HistorySource.ts"
import * as Point from "./Point.ts"
import { QuestionProgress } from "./QuestionProgress.ts"
import type { Verification } from "./Verify.ts"

/** One project of a file. */
export interface FileProject {
  readonly project: ProjectId
  readonly log: ReadonlyArray<Recorded>
  /** The log by distinct id, which is built on first use. */
  readonly byId: LogById
  /** The policy before the log's first event. */
  readonly startPolicy: Policy
  /**
   * The fold of the whole log; the first question that needs it computes it, later ones share it.
   */
  readonly whole: Effect.Effect<History>
}

export const make = (
  project: ProjectId,
  log: ReadonlyArray<Recorded>,
  startPolicy: Policy,
): Effect.Effect<FileProject> =>
  Effect.map(Effect.cached(build(project, log, startPolicy)), (whole) => ({
    project,
    log,
    byId: new LogById(log),
    startPolicy,
    whole,
  }))

/** The number of events after which it yields, so that an interruption can stop it. */
const perTurn = 1000

/**
 * A file stores no rows, so `verify` compares the fold event by event with the fold page by page.
 */
const verify = Effect.fnUntraced(function* ({
  head,
  log,
  project,
  startPolicy,
  stateHash,
}: History): Effect.fn.Return<Verification> {
  const onStep = yield* QuestionProgress
  const identity = Identity.empty(project, startPolicy)
  const byId = new LogById(log)
  for (const [index, recorded] of log.entries()) {
    Identity.fold(identity, [recorded], ConePast.pastOf(identity, startPolicy, byId, recorded))
    if (index % perTurn > 0) continue
    onStep("comparing", index, log.length)
    // An interruption stops it here.
    yield* Effect.yieldNow
  }
  const isOk = StateHash.toText(Identity.settle(identity)) === stateHash
  const reason = isOk ? undefined : "one by one, its events come to another hash"
  return { isOk, position: head, stateHash, reason, persons: [] }
})

/** All distinct ids in the cones of these ids. */
const conesIn = (
  log: ReadonlyArray<Recorded>,
  ids: ReadonlySet<DistinctId>,
): ReadonlySet<DistinctId> => {
  const links: Cones.Links = new Map()
  for (const { event } of log) {
    if (!("source" in event) || event.source === undefined) continue
    Cones.link(links, event.source, event.distinctId)
  }
  return Cones.reached(ids, links, Cones.noGroups)
}

/** Folds only the log of the ids' cones. */
const about = (
  { project, log, byId, startPolicy }: FileProject,
  ids: ReadonlySet<DistinctId>,
  edit: EditedLog.Edit = {},
): Effect.Effect<History> =>
  Effect.suspend(() => {
    const until = log.at(-1)?.position ?? zero
    const part = ConePast.logIn(startPolicy, byId, {
      ids: conesIn(log, ids),
      until,
      moments: [edit.from ?? until, until].flatMap((position) => log[position - 1] ?? []),
      variants: (all) => EditedLog.variantsOf(all, until, edit),
    })
    return build(project, part, startPolicy)
  })

const sourceOf = (file: FileProject): HistorySource["Service"] => {
  const { log, whole } = file
  const byUuid = new Map(log.map((recorded) => [recorded.event.uuid, recorded]))
  const eventOf = (uuid: string) => byUuid.get(uuid.toLowerCase())
  const head = log.at(-1)?.position ?? zero
  return {
    whole: () => whole,
    about: (_, ids, edit) => about(file, ids, edit),
    around: (_, position) => {
      const recorded = log[position - 1]
      if (recorded === undefined) return Effect.undefined
      const history = about(file, Identity.touched([recorded]))
      return Effect.map(history, (history) => ({ recorded, history }))
    },
    // `2h ago` counts from the end of the file, because a dump may be years old.
    point: (_, text, field) =>
      Effect.fromResult(
        Result.mapError(
          Point.parse({ head, log, eventOf }, text, log.at(-1)?.recordedAt ?? 0),
          ({ expected, isUnknown }) => new Point.NotUnderstood({ field, expected, isUnknown }),
        ),
      ),
    acts: (_, question) => Effect.sync(() => MemoryLookups.readActs(log, question)),
    eventOf: (_, uuid) => Effect.succeed(eventOf(uuid)),
    retractable: (_, uuid) => Effect.fromResult(ConeLog.retractableIn(log, eventOf(uuid))),
    verify: () => Effect.flatMap(whole, verify),
  }
}

/** Answers from a project of a file, in memory. */
export const layer = (file: FileProject): Layer.Layer<HistorySource> =>
  Layer.sync(HistorySource, () => HistorySource.of(sourceOf(file)))

/** The persons of the whole log, at its head, as the `Persons` service. */
export const persons = ({ project, startPolicy, whole }: FileProject): Layer.Layer<Persons> =>
  Layer.unwrap(
    Effect.map(whole, (history) => {
      const { head: position, stateHash, tables } = history
      const policy = history.policyAt(position)
      const checkpoint = { ...initial(project, "file"), position, stateHash, policy }
      return layerTables(checkpoint, tables, startPolicy)
    }),
  )
