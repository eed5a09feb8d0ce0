import { Clock, Effect, Layer, Result } from "effect"
import type { Recorded } from "@onymous/identity/event/Event"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as Identity from "@onymous/identity/Identity"
import type { Policy } from "@onymous/identity/policy/Policy"
import * as ConePast from "@onymous/identity/retraction/ConePast"
import * as StateHash from "@onymous/identity/state/StateHash"
import * as ConeLog from "@onymous/log/ConeLog"
import { initial } from "@onymous/persons/Checkpoint"
import { layerTables } from "@onymous/persons/memory/MemoryPersons"
import type { Persons } from "@onymous/persons/Persons"
import { build, type History } from "./History.ts"
import { HistorySource } from "./HistorySource.ts"
import * as Point from "./Point.ts"
import type { Verified } from "./Verify.ts"

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

const ofHistory = (history: History): HistorySource["Service"] => ({
  whole: () => Effect.succeed(history),
  about: () => Effect.succeed(history),
  around: (_, position) => {
    const recorded = history.eventAt(position)
    return Effect.succeed(recorded && { recorded, history })
  },
  point: (_, text, field) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Effect.fromResult(
        Result.mapError(
          Point.parse(history, text, now),
          ({ expected }) => new Point.NotUnderstood({ field, expected }),
        ),
      ),
    ),
  eventOf: (_, uuid) => Effect.succeed(history.eventOf(uuid)),
  retractable: (_, eventUuid) =>
    Effect.fromResult(ConeLog.retractableIn(history.log, history.eventOf(eventUuid))),
  verify: () => Effect.sync(() => verify(history)),
})

/** The past of one project out of a file, in memory, and its persons. */
export const layer = (
  project: ProjectId,
  log: ReadonlyArray<Recorded>,
  startPolicy: Policy,
): Layer.Layer<HistorySource | Persons> =>
  Layer.unwrap(
    Effect.map(build(project, log, startPolicy), (history) => {
      const { head: position, stateHash, tables } = history
      const policy = history.policyAt(position)
      const checkpoint = { ...initial(project, "file"), position, stateHash, policy }
      return Layer.merge(
        Layer.succeed(HistorySource, HistorySource.of(ofHistory(history))),
        layerTables(checkpoint, tables, startPolicy),
      )
    }),
  )
