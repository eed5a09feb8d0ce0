import { Effect, Layer } from "effect"
import { randomUUID } from "node:crypto"
import { canonical } from "@onymous/identity/encoding/Json"
import { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as PersonsCursor from "../PersonsCursor.ts"
import { dumpTables } from "./TableDump.ts"
import * as MemoryWaiting from "./MemoryWaiting.ts"
import * as MemoryWarnings from "./MemoryWarnings.ts"
import { type Checkpoint, initial } from "../Checkpoint.ts"
import {
  type Comparison,
  Persons,
  type PersonsQuestion,
  type PersonView,
  type RaisedWarning,
} from "../Persons.ts"
import { PersonsError } from "../PersonsError.ts"
import { Tables } from "./MemoryTables.ts"
import * as MemoryAsOf from "./MemoryAsOf.ts"

/** One derivation of a project. */
interface Edition {
  checkpoint: Checkpoint | undefined
  readonly tables: Tables
}

interface Project {
  live: Edition
  making: Edition | undefined
  /** How often somebody said that the edition in the making is not left alone. */
  beats: number
}

/** The read model in memory: the same rows as in Postgres, gone with the process. */
export const layerMemory: Layer.Layer<Persons> = Layer.sync(Persons, () => {
  const projects = new Map<ProjectId, Project>()
  const held = (id: ProjectId): Project => {
    const known = projects.get(id) ?? { live: empty(), making: undefined, beats: 0 }
    projects.set(id, known)
    return known
  }
  const project = (id: ProjectId): Edition => held(id).live
  const editionOf = ({ project: id, edition }: Checkpoint): Edition | undefined =>
    [held(id).live, held(id).making].find((each) => each?.checkpoint?.edition === edition)
  const tablesOf = (from: Checkpoint): Tables => editionOf(from)?.tables ?? new Tables()
  return Persons.of({
    checkpoint: (id) => Effect.sync(() => project(id).checkpoint),
    claim: (id, logId) => Effect.sync(() => claimed(project(id), initial(id, logId))),
    claimEdition: (id, logId) =>
      Effect.sync(() => {
        const making = (held(id).making ??= empty())
        const edition = `${id}@${randomUUID()}`
        return claimed(making, { ...initial(id, logId), edition, stage: "loading" })
      }),
    seal: (made) => Effect.suspend(() => seal(editionOf(made), made)),
    sweep: Effect.void,
    publish: (made, live) => Effect.suspend(() => publish(held(made.project), made, live)),
    compare: (made) => Effect.sync(() => compare(project(made.project), tablesOf(made), made)),
    conesOf: (from, ids) => Effect.sync(() => tablesOf(from).conesOf(ids)),
    load: (from, wanted) => Effect.sync(() => tablesOf(from).load(from, wanted)),
    commit: ({ from, to, rows }) =>
      Effect.suspend(() => {
        const edition = editionOf(from)
        const now = edition?.checkpoint
        if (edition === undefined || now?.epoch !== from.epoch || now.position !== from.position) {
          return fenced(from.project)
        }
        edition.tables.write(rows)
        edition.checkpoint = to
        return Effect.void
      }),
    due: (from, until) => Effect.sync(() => MemoryWaiting.due(tablesOf(from), until)),
    overdue: (now) =>
      Effect.sync(() =>
        [...projects].flatMap(([id, { live }]) => {
          const [first] = MemoryWaiting.due(live.tables, now)
          return first === undefined ? [] : [{ project: id, dueAt: first.dueAt }]
        }),
      ),
    ...makingOf(held),
    ...readsOf(project),
  })
})

/** What is said of the edition in the making. */
const makingOf = (held: (id: ProjectId) => Project) =>
  ({
    making: (id) =>
      Effect.sync(() => {
        const { making, beats } = held(id)
        const checkpoint = making?.checkpoint
        return checkpoint && { checkpoint, mark: `${checkpoint.epoch} ${beats}` }
      }),
    beat: ({ project: id, edition, epoch }) =>
      Effect.sync(() => {
        const { making } = held(id)
        const now = making?.checkpoint
        if (now?.edition === edition && now.epoch === epoch) held(id).beats++
      }),
    discard: ({ project: id, edition, epoch }) =>
      Effect.sync(() => {
        const now = held(id).making?.checkpoint
        const isOurs = now?.edition === edition && now.epoch === epoch
        if (isOurs) held(id).making = undefined
        return isOurs
      }),
  }) satisfies Partial<Persons["Service"]>

/** The questions of what is live. */
const readsOf = (project: (id: ProjectId) => Edition) =>
  ({
    find: (id, distinctId, at) =>
      Effect.sync(() => {
        const { tables } = project(id)
        return at === undefined
          ? viewOf(tables, distinctId)
          : MemoryAsOf.personAt(tables, distinctId, at)
      }),
    list: (question) => list(project(question.project).tables, question),
    warningGroups: (question) =>
      Effect.sync(() =>
        MemoryWarnings.group(raised(project(question.project).tables, question.at), question),
      ),
    warnings: ({ project: id, after, limit }) =>
      Effect.sync(() => MemoryWarnings.after(raised(project(id).tables), after, limit)),
    waiting: (question) =>
      Effect.sync(() => MemoryWaiting.waiting(project(question.project).tables, question)),
    fates: (id, positions) => Effect.sync(() => MemoryWaiting.fates(project(id).tables, positions)),
    goneAt: (id, ids, at) => Effect.sync(() => MemoryWaiting.goneAt(project(id).tables, ids, at)),
    ownersAt: (id, asked) => Effect.sync(() => MemoryWaiting.ownersAt(project(id).tables, asked)),
    policies: (id) => Effect.sync(() => project(id).tables.policies),
    hashes: (id) => Effect.sync(() => project(id).tables.hashes),
    dump: (id) => Effect.sync(() => dumpTables(project(id).tables)),
  }) satisfies Partial<Persons["Service"]>

const empty = (): Edition => ({ checkpoint: undefined, tables: new Tables() })

const claimed = (edition: Edition, first: Checkpoint): Checkpoint => {
  const before = edition.checkpoint ?? first
  // Where nothing is derived, it counts in any log.
  const { logId } = before.position === 0 ? first : before
  return (edition.checkpoint = { ...before, logId, epoch: before.epoch + 1 })
}

const seal = (edition: Edition | undefined, made: Checkpoint) => {
  const now = edition?.checkpoint
  if (edition === undefined || now?.epoch !== made.epoch) return fenced(made.project)
  const ready: Checkpoint = { ...now, stage: "ready" }
  edition.checkpoint = ready
  return Effect.succeed(ready)
}

const publish = (
  held: Project,
  made: Checkpoint,
  expected: Checkpoint | undefined,
): ReturnType<Persons["Service"]["publish"]> => {
  const { live, making } = held
  const own = making?.checkpoint
  if (
    making === undefined ||
    own?.edition !== made.edition ||
    own.epoch !== made.epoch ||
    own.stage !== "ready"
  ) {
    return fenced(made.project)
  }
  const now = live.checkpoint
  if (now?.edition !== expected?.edition || now?.epoch !== expected?.epoch) {
    return Effect.succeed("moved")
  }
  const epoch = Math.max(own.epoch, now?.epoch ?? 0) + 1
  held.live = { tables: making.tables, checkpoint: { ...own, epoch } }
  held.making = undefined
  return Effect.succeed("published")
}

/** How many persons that differ are named. */
const namedMax = 20

const canonicalOf = ({ properties, ...view }: PersonView): string =>
  `${canonical(properties)} ${JSON.stringify(view)}`

const compare = (live: Edition, making: Tables, made: Checkpoint): Comparison => {
  const other = live.checkpoint
  const position = Position(Math.min(made.position, other?.position ?? 0))
  // Where nothing is live, that is the same only where there is nothing to derive.
  if (other === undefined || position === 0) {
    return { position, isSame: made.position === 0, persons: [] }
  }
  const textsAt = (tables: Tables) =>
    new Map(MemoryAsOf.personsAt(tables, position).map((view) => [view.id, canonicalOf(view)]))
  const [before, after] = [textsAt(live.tables), textsAt(making)]
  const ids = [...new Set([...before.keys(), ...after.keys()])].toSorted()
  const persons = ids.filter((id) => before.get(id) !== after.get(id)).slice(0, namedMax)
  const hashes = new Map(live.tables.hashes.map((each) => [each.position, each.stateHash]))
  const last = making.hashes.findLast((each) => hashes.has(each.position))
  const isHashSame =
    other.position === made.position
      ? other.stateHash === made.stateHash
      : last === undefined || hashes.get(last.position) === last.stateHash
  return { position, isSame: isHashSame && persons.length === 0, persons }
}

const list = (
  tables: Tables,
  { search, limit, cursor, at }: PersonsQuestion,
): ReturnType<Persons["Service"]["list"]> =>
  Effect.map(PersonsCursor.read(cursor), (after) => {
    const all = at === undefined ? allViews(tables) : MemoryAsOf.personsAt(tables, at)
    const views = all
      .toSorted(newestFirst)
      .filter(
        (view) => matches(view, search) && (after === undefined || newestFirst(after, view) < 0),
      )
    const results = views.slice(0, limit)
    const last = results.at(-1)
    return { results, next: views.length > limit && last ? PersonsCursor.of(last) : undefined }
  })

const fenced = (project: ProjectId) =>
  Effect.fail(new PersonsError({ reason: { _tag: "Fenced", project } }))

const viewOf = (tables: Tables, id: Parameters<Tables["personOf"]>[0]): PersonView | undefined => {
  const found = tables.personOf(id)
  return found && { ...found.person, distinctIds: found.distinctIds }
}

const allViews = (tables: Tables): ReadonlyArray<PersonView> => {
  const views = [...tables.members.values()].flatMap((ids) => {
    const [first] = ids
    const view = first === undefined ? undefined : viewOf(tables, first)
    return view === undefined ? [] : [view]
  })
  return views
}

const newestFirst = (a: PersonsCursor.Cursor, b: PersonsCursor.Cursor): number =>
  b.createdAt - a.createdAt || (a.id === b.id ? 0 : a.id < b.id ? 1 : -1)

const raised = ({ warnings }: Tables, at?: Position): ReadonlyArray<RaisedWarning> =>
  warnings.flatMap(({ warning, from, to }) => {
    const holds = at === undefined ? to === null : MemoryAsOf.holdsAt({ from, to }, at)
    return holds ? [{ ...warning, raisedAt: from }] : []
  })

/** True for a person in whose ids or properties a text is found, ignoring case. */
export const matches = (view: PersonView, search: string | undefined): boolean => {
  if (search === undefined) return true
  const wanted = search.toLowerCase()
  return [...view.distinctIds, JSON.stringify(view.properties)].some((text) =>
    text.toLowerCase().includes(wanted),
  )
}
