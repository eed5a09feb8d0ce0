import { type Comparison, differencesOf, Editions, namedMax } from "../Editions.ts"
import { Effect } from "effect"
import { canonical } from "@onymous/identity/encoding/Json"
import { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as TableDump from "./TableDump.ts"
import { type Checkpoint, initial, type StoredCheckpoint } from "../Checkpoint.ts"
import type { PersonView } from "../Persons.ts"
import { PersonsError } from "../PersonsError.ts"
import { Tables } from "./MemoryTables.ts"
import * as MemoryAsOf from "./MemoryAsOf.ts"

/** One edition of a project. */
interface Edition {
  checkpoint: Checkpoint | undefined
  readonly tables: Tables
}

/** The editions of a project. */
interface ProjectEditions {
  live: Edition
  making: Edition | undefined
  /** How many heartbeats the edition in the making has had. */
  beats: number
}

/** The editions of all projects. */
export class Memory {
  readonly projects = new Map<ProjectId, ProjectEditions>()

  of(id: ProjectId): ProjectEditions {
    const known = this.projects.get(id) ?? { live: empty(), making: undefined, beats: 0 }
    this.projects.set(id, known)
    return known
  }

  live(id: ProjectId): Edition {
    return this.of(id).live
  }

  editionOf({ project, edition }: Checkpoint): Edition | undefined {
    const { live, making } = this.of(project)
    return [live, making].find((each) => each?.checkpoint?.edition === edition)
  }

  tablesOf(from: Checkpoint): Tables {
    return this.editionOf(from)?.tables ?? new Tables()
  }
}

export const editions = (memory: Memory) =>
  Editions.of({
    claim: (id, logId) =>
      Effect.sync(() => {
        const making = (memory.of(id).making ??= empty())
        const edition = `${id}@${crypto.randomUUID()}`
        return claimed(making, { ...initial(id, logId), edition, stage: "loading" })
      }),
    live: (id) => Effect.sync(() => memory.live(id).checkpoint),
    fence: (id, logId) =>
      Effect.sync(() => {
        const live = memory.live(id)
        return live.checkpoint && claimed(live, initial(id, logId))
      }),
    making: (id) =>
      Effect.sync(() => {
        const { making, beats } = memory.of(id)
        const checkpoint = making?.checkpoint
        return checkpoint && { checkpoint, mark: `${checkpoint.epoch} ${beats}` }
      }),
    beat: (candidate) =>
      Effect.sync(() => {
        if (isMaking(memory, candidate)) memory.of(candidate.project).beats++
      }),
    seal: (candidate) => Effect.suspend(() => seal(memory.editionOf(candidate), candidate)),
    publish: (candidate, live) =>
      Effect.suspend(() => publish(memory.of(candidate.project), candidate, live)),
    discard: (candidate) =>
      Effect.sync(() => {
        const isOurs = isMaking(memory, candidate)
        if (isOurs) memory.of(candidate.project).making = undefined
        return isOurs
      }),
    sweep: Effect.void,
    compare: (candidate, { isWhole } = { isWhole: false }) =>
      Effect.sync(() => {
        const live = memory.live(candidate.project)
        const tables = memory.tablesOf(candidate)
        const comparison = compare(live, tables, candidate)
        const other = live.checkpoint
        if (!isWhole || other?.position !== candidate.position) return comparison
        const found = [
          ...differencesOf(candidate, other),
          ...TableDump.differences(live.tables, tables, other.position),
        ]
        return { ...comparison, isSame: comparison.isSame && found.length === 0, tables: found }
      }),
    dump: (id) => Effect.sync(() => TableDump.dumpTables(memory.live(id).tables)),
  })

/** True while an edition is in the making, and no other rebuild has taken it over. */
const isMaking = (memory: Memory, { project, edition, epoch }: Checkpoint): boolean => {
  const now = memory.of(project).making?.checkpoint
  return now?.edition === edition && now.epoch === epoch
}

const empty = (): Edition => ({ checkpoint: undefined, tables: new Tables() })

export const claimed = (edition: Edition, first: Checkpoint): Checkpoint => {
  const before = edition.checkpoint ?? first
  // A checkpoint at 0 fits any log, because no event is derived yet.
  const { logId } = before.position === 0 ? first : before
  return (edition.checkpoint = { ...before, logId, epoch: before.epoch + 1 })
}

const seal = (edition: Edition | undefined, candidate: Checkpoint) => {
  const now = edition?.checkpoint
  if (edition === undefined || now?.epoch !== candidate.epoch) return fenced(candidate.project)
  const ready: Checkpoint = { ...now, stage: "ready" }
  edition.checkpoint = ready
  return Effect.succeed(ready)
}

const publish = (
  derived: ProjectEditions,
  candidate: Checkpoint,
  expected: StoredCheckpoint | undefined,
): ReturnType<Editions["Service"]["publish"]> => {
  const { live, making } = derived
  const candidateNow = making?.checkpoint
  if (
    making === undefined ||
    candidateNow?.edition !== candidate.edition ||
    candidateNow.epoch !== candidate.epoch ||
    candidateNow.stage !== "ready"
  ) {
    return fenced(candidate.project)
  }
  const now = live.checkpoint
  if (now?.edition !== expected?.edition || now?.epoch !== expected?.epoch) {
    return Effect.succeed("moved")
  }
  const epoch = Math.max(candidateNow.epoch, now?.epoch ?? 0) + 1
  derived.live = { tables: making.tables, checkpoint: { ...candidateNow, epoch } }
  derived.making = undefined
  return Effect.succeed("published")
}

const canonicalOf = ({ properties, ...view }: PersonView): string =>
  `${canonical(properties)} ${JSON.stringify(view)}`

const compare = (live: Edition, making: Tables, candidate: Checkpoint): Comparison => {
  const other = live.checkpoint
  const position = Position(Math.min(candidate.position, other?.position ?? 0))
  // Without a live edition, only an empty candidate is the same.
  if (other === undefined || position === 0) {
    return { position, isSame: candidate.position === 0, persons: [] }
  }
  const textsAt = (tables: Tables) =>
    new Map(MemoryAsOf.personsAt(tables, position).map((view) => [view.id, canonicalOf(view)]))
  const [before, after] = [textsAt(live.tables), textsAt(making)]
  const ids = [...new Set([...before.keys(), ...after.keys()])].toSorted()
  const persons = ids.filter((id) => before.get(id) !== after.get(id)).slice(0, namedMax)
  const hashes = new Map(live.tables.hashes.map((each) => [each.position, each.stateHash]))
  const last = making.hashes.findLast((each) => hashes.has(each.position))
  const isHashSame =
    other.position === candidate.position
      ? other.stateHash === candidate.stateHash
      : last === undefined || hashes.get(last.position) === last.stateHash
  return { position, isSame: isHashSame && persons.length === 0, persons }
}

export const fenced = (project: ProjectId) =>
  Effect.fail(new PersonsError({ reason: { _tag: "Fenced", project } }))
