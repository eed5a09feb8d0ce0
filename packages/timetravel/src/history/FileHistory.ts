import { Clock, Effect, Layer, Result } from "effect"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Recorded } from "@onymous/identity/event/Event"
import { zero } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as Identity from "@onymous/identity/Identity"
import type { Policy } from "@onymous/identity/policy/Policy"
import * as ConePast from "@onymous/identity/retraction/ConePast"
import * as Cones from "@onymous/identity/state/Cones"
import * as StateHash from "@onymous/identity/state/StateHash"
import * as ConeLog from "@onymous/log/ConeLog"
import { initial } from "@onymous/persons/Checkpoint"
import { layerTables } from "@onymous/persons/memory/MemoryPersons"
import type { Persons } from "@onymous/persons/Persons"
import * as EditedLog from "./EditedLog.ts"
import { build, History } from "./History.ts"
import { HistorySource } from "./HistorySource.ts"
import * as Point from "./Point.ts"
import type { Verified } from "./Verify.ts"

/** A project as a file has it, from its first event on. */
export interface Kept {
  readonly project: ProjectId
  readonly log: ReadonlyArray<Recorded>
  /** The rules that it began with. */
  readonly startPolicy: Policy
  /** The whole history, folded once, when a question needs it. */
  readonly whole: Effect.Effect<History>
}

export const keep = (
  project: ProjectId,
  log: ReadonlyArray<Recorded>,
  startPolicy: Policy,
): Effect.Effect<Kept> =>
  Effect.map(Effect.cached(build(project, log, startPolicy)), (whole) => ({
    project,
    log,
    startPolicy,
    whole,
  }))

/** A file stores nothing but events: folded one by one and page by page, they come to the same. */
const verify = ({ head, log, project, startPolicy, stateHash }: History): Verified => {
  const identity = Identity.empty(project, startPolicy)
  for (const recorded of log) {
    Identity.fold(identity, [recorded], ConePast.pastOf(identity, startPolicy, log, recorded))
  }
  const isOk = StateHash.toText(Identity.settle(identity)) === stateHash
  const reason = isOk ? undefined : "one by one, its events come to another hash"
  return { isOk, position: head, stateHash, reason, persons: [] }
}

/** All ids that events have named together with one of these, directly or by way of others. */
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

/** Folds only the past of the ids' cones. */
const about = (
  { project, log, startPolicy }: Kept,
  ids: ReadonlySet<DistinctId>,
  edit: EditedLog.Edit = {},
): Effect.Effect<History> =>
  Effect.sync(() => {
    const until = log.at(-1)?.position ?? zero
    const past = ConePast.pastIn(project, startPolicy, log, {
      ids: conesIn(log, ids),
      until,
      moments: [edit.from ?? until, until],
      variants: (all) => EditedLog.variantsOf(all, until, edit),
    })
    return new History(project, past.log, startPolicy)
  })

const sourceOf = (kept: Kept): HistorySource["Service"] => {
  const { log, whole } = kept
  const byUuid = new Map(log.map((recorded) => [recorded.event.uuid, recorded]))
  const eventOf = (uuid: string) => byUuid.get(uuid.toLowerCase())
  const head = log.at(-1)?.position ?? zero
  return {
    whole: () => whole,
    about: (_, ids, edit) => about(kept, ids, edit),
    around: (_, position) => {
      const recorded = log[position - 1]
      if (recorded === undefined) return Effect.undefined
      const history = about(kept, Identity.touched([recorded]))
      return Effect.map(history, (history) => ({ recorded, history }))
    },
    point: (_, text, field) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        Effect.fromResult(
          Result.mapError(
            Point.parse({ head, log, eventOf }, text, now),
            ({ expected }) => new Point.NotUnderstood({ field, expected }),
          ),
        ),
      ),
    eventOf: (_, uuid) => Effect.succeed(eventOf(uuid)),
    retractable: (_, uuid) => Effect.fromResult(ConeLog.retractableIn(log, eventOf(uuid))),
    verify: () => Effect.map(whole, verify),
  }
}

/** The past of a project out of a file, in memory. */
export const layer = (kept: Kept): Layer.Layer<HistorySource> =>
  Layer.sync(HistorySource, () => HistorySource.of(sourceOf(kept)))

/** The persons that it comes to. */
export const persons = ({ project, startPolicy, whole }: Kept): Layer.Layer<Persons> =>
  Layer.unwrap(
    Effect.map(whole, (history) => {
      const { head: position, stateHash, tables } = history
      const policy = history.policyAt(position)
      const checkpoint = { ...initial(project, "file"), position, stateHash, policy }
      return layerTables(checkpoint, tables, startPolicy)
    }),
  )
