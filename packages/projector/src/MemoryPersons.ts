import { Effect, Layer } from "effect"
import * as Policy from "@onymous/identity/Policy"
import { zero } from "@onymous/identity/Position"
import type { ProjectId } from "@onymous/identity/ProjectId"
import * as StateHash from "@onymous/identity/StateHash"
import * as Cursor from "./Cursor.ts"
import { dumpTables } from "./Dump.ts"
import * as MemoryFates from "./MemoryFates.ts"
import * as MemoryWarnings from "./MemoryWarnings.ts"
import { fromChanges } from "./PageRows.ts"
import {
  type Checkpoint,
  Persons,
  PersonsError,
  type PersonView,
  type RaisedWarning,
} from "./Persons.ts"
import { Tables } from "./Tables.ts"

/** The checkpoint of a project of which nothing is derived yet. */
export const initial = (project: ProjectId, logId: string): Checkpoint => ({
  project,
  position: zero,
  epoch: 0,
  stateHash: StateHash.toText(0n),
  policy: Policy.page,
  logId,
  lastUuid: undefined,
})

interface Project {
  checkpoint: Checkpoint | undefined
  tables: Tables
}

/** The read model in memory: the same rows as in Postgres, gone with the process. */
export const layerMemory: Layer.Layer<Persons> = Layer.sync(Persons, () => {
  const projects = new Map<ProjectId, Project>()
  const project = (id: ProjectId): Project => {
    const known = projects.get(id) ?? { checkpoint: undefined, tables: new Tables() }
    projects.set(id, known)
    return known
  }
  return Persons.of({
    checkpoint: (id) => Effect.sync(() => project(id).checkpoint),
    claim: (id, logId) =>
      Effect.sync(() => {
        const before = project(id).checkpoint ?? initial(id, logId)
        return (project(id).checkpoint = { ...before, epoch: before.epoch + 1 })
      }),
    load: (from, wanted) => Effect.sync(() => project(from.project).tables.load(from, wanted)),
    due: (id, until) => Effect.sync(() => MemoryFates.due(project(id).tables, until)),
    overdue: (now) =>
      Effect.sync(() =>
        [...projects].flatMap(([id, { tables }]) => {
          const [first] = MemoryFates.due(tables, now)
          return first === undefined ? [] : [{ project: id, dueAt: first.dueAt }]
        }),
      ),
    waiting: (question) =>
      Effect.sync(() => MemoryFates.waiting(project(question.project).tables, question)),
    fates: (id, positions) => Effect.sync(() => MemoryFates.fates(project(id).tables, positions)),
    goneAt: (id, ids) => Effect.sync(() => MemoryFates.goneAt(project(id).tables, ids)),
    ownersAt: (id, asked) => Effect.sync(() => MemoryFates.ownersAt(project(id).tables, asked)),
    policies: (id) => Effect.sync(() => project(id).tables.policies),
    commit: ({ from, to, slice, changes }) =>
      Effect.suspend(() => {
        const held = project(from.project)
        const now = held.checkpoint
        if (now?.epoch !== from.epoch || now.position !== from.position) return fenced(from.project)
        held.tables.write(fromChanges(slice, changes))
        held.checkpoint = to
        return Effect.void
      }),
    reset: (id, logId) =>
      Effect.sync(() => {
        const held = project(id)
        held.tables = new Tables()
        const epoch = (held.checkpoint?.epoch ?? 0) + 1
        held.checkpoint = { ...initial(id, logId), epoch }
      }),
    find: (id, distinctId) => Effect.sync(() => viewOf(project(id).tables, distinctId)),
    list: (question) => list(project(question.project).tables, question),
    warningGroups: (question) =>
      Effect.sync(() => MemoryWarnings.group(raised(project(question.project).tables), question)),
    warnings: ({ project: id, after, limit }) =>
      Effect.sync(() => MemoryWarnings.after(raised(project(id).tables), after, limit)),
    dump: (id) => Effect.sync(() => dumpTables(project(id).tables)),
  })
})

const list = (
  tables: Tables,
  { search, limit, cursor }: Parameters<Persons["Service"]["list"]>[0],
): ReturnType<Persons["Service"]["list"]> =>
  Effect.map(Cursor.read(cursor), (after) => {
    const views = allViews(tables).filter(
      (view) => matches(view, search) && (after === undefined || newestFirst(after, view) < 0),
    )
    const results = views.slice(0, limit)
    const last = results.at(-1)
    return { results, next: views.length > limit && last ? Cursor.of(last) : undefined }
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
  return views.toSorted(newestFirst)
}

const newestFirst = (a: Cursor.Cursor, b: Cursor.Cursor): number =>
  b.createdAt - a.createdAt || (a.id === b.id ? 0 : a.id < b.id ? 1 : -1)

const raised = ({ warnings }: Tables): ReadonlyArray<RaisedWarning> =>
  warnings.map(({ warning, from }) => ({ ...warning, raisedAt: from }))

const matches = (view: PersonView, search: string | undefined): boolean => {
  if (search === undefined) return true
  const wanted = search.toLowerCase()
  return [...view.distinctIds, JSON.stringify(view.properties)].some((text) =>
    text.toLowerCase().includes(wanted),
  )
}
