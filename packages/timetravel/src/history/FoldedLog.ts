import type { Change } from "@onymous/identity/state/Change"
import type { ComponentId } from "@onymous/identity/state/Component"
import type { Recorded } from "@onymous/identity/event/Event"
import * as Identity from "@onymous/identity/Identity"
import type { Policy } from "@onymous/identity/policy/Policy"
import type { Position } from "@onymous/identity/event/Position"
import * as ConePast from "@onymous/identity/retraction/ConePast"
import { LogById } from "@onymous/identity/retraction/LogById"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { initial, type Checkpoint } from "@onymous/persons/Checkpoint"
import type { MembershipRow } from "@onymous/persons/rows/RowChanges"
import { Tables } from "@onymous/persons/memory/MemoryTables"
import * as WorkInTurns from "@onymous/persons/rows/WorkInTurns"
import { ProjectInMemory } from "@onymous/persons/rows/ProjectInMemory"

/** Events in one fold. */
const pageSize = 1000

/** The result of folding a log: the rows, the changes and the state hash, and where to find them. */
export interface FoldedLog {
  readonly tables: Tables
  readonly changes: ReadonlyArray<Change>
  readonly stateHash: string
  readonly membersOf: ReadonlyMap<ComponentId, ReadonlyArray<MembershipRow>>
  readonly byUuid: ReadonlyMap<string, Recorded>
  /** The events of a log with gaps. */
  readonly byPosition: ReadonlyMap<Position, Recorded>
}

/** The memberships of each component. */
const membersIn = function* ({ memberships }: Tables): WorkInTurns.Turns<FoldedLog["membersOf"]> {
  const membersOf = new Map<ComponentId, Array<MembershipRow>>()
  yield* WorkInTurns.each(memberships.values(), (rows) => {
    for (const row of rows) {
      const members = membersOf.get(row.component)
      if (members === undefined) membersOf.set(row.component, [row])
      else members.push(row)
    }
  })
  return membersOf
}

/** Finds the events of a log. */
const eventsIn = function* (
  log: ReadonlyArray<Recorded>,
): WorkInTurns.Turns<Pick<FoldedLog, "byUuid" | "byPosition">> {
  const byUuid = new Map<string, Recorded>()
  const byPosition = new Map<Position, Recorded>()
  const isWhole = (log.at(-1)?.position ?? 0) === log.length
  yield* WorkInTurns.each(log, (recorded) => {
    byUuid.set(recorded.event.uuid, recorded)
    if (!isWhole) byPosition.set(recorded.position, recorded)
  })
  return { byUuid, byPosition }
}

/** Folds a log page by page, in turns, and yields the number of events folded so far after each page. */
export function* steps(
  project: ProjectId,
  log: ReadonlyArray<Recorded>,
  startPolicy: Policy,
): Generator<number | undefined, FoldedLog> {
  const start: Checkpoint = { ...initial(project, "memory"), policy: startPolicy }
  const whole = new ProjectInMemory(start)
  const byId = new LogById(log)
  const tables = new Tables()
  const changes: Array<Change> = []
  for (let done = 0; done < log.length;) {
    const page = Identity.pageOf(log.slice(done, done + pageSize))
    const [first] = page
    const past = first && ConePast.pastOf(whole.identity, startPolicy, byId, first)
    for (const change of yield* whole.foldInTurns(page, past)) changes.push(change)
    tables.write(whole.takeEnded().rows)
    done += page.length
    yield done
  }
  const { rows } = yield* whole.finish()
  tables.write(rows)
  yield
  return {
    tables,
    changes,
    stateHash: whole.to.stateHash,
    membersOf: yield* membersIn(tables),
    ...(yield* eventsIn(log)),
  }
}
