import { Effect, Layer } from "effect"
import { canonical } from "@onymous/identity/Json"
import * as Policy from "@onymous/identity/Policy"
import { zero } from "@onymous/identity/Position"
import type { ProjectId } from "@onymous/identity/ProjectId"
import * as StateHash from "@onymous/identity/StateHash"
import type { Warning, WarningType } from "@onymous/identity/Warning"
import { dumpTables } from "./Dump.ts"
import { type Checkpoint, Persons, PersonsError, type PersonView } from "./Persons.ts"
import * as Rows from "./Rows.ts"
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

/** The most warnings that a group shows. */
export const warningsShownMax = 50

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
    load: (from, ids) => Effect.sync(() => project(from.project).tables.load(from, ids)),
    commit: ({ from, to, slice, changes }) =>
      Effect.suspend(() => {
        const held = project(from.project)
        const now = held.checkpoint
        if (now?.epoch !== from.epoch || now.position !== from.position) return fenced(from.project)
        held.tables.write(Rows.fromChanges(slice, changes))
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
    list: ({ project: id, search, limit, cursor }) =>
      Effect.sync(() => {
        const views = allViews(project(id).tables).filter((view) => matches(view, search))
        const start = cursor === undefined ? 0 : views.findIndex((view) => view.id === cursor) + 1
        const results = views.slice(start, start + limit)
        const next = start + limit < views.length ? results.at(-1)?.id : undefined
        return { results, next }
      }),
    warningGroups: (question) =>
      Effect.sync(() => group(project(question.project).tables.warnings, question)),
    warnings: ({ project: id, after, limit }) =>
      Effect.sync(() => {
        const rest = project(id).tables.warnings.filter((warning) => warning.position > after)
        const last = rest[limit - 1]?.position
        return rest.filter((warning, index) => index < limit || warning.position === last)
      }),
    dropped: (id, positions) =>
      Effect.sync(() => new Set(positions.filter((p) => project(id).tables.dropped.has(p)))),
    dump: (id) => Effect.sync(() => dumpTables(project(id).tables)),
  })
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
  return views.toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1))
}

const matches = (view: PersonView, search: string | undefined): boolean => {
  if (search === undefined) return true
  const wanted = search.toLowerCase()
  return [...view.distinctIds, JSON.stringify(view.properties)].some((text) =>
    text.toLowerCase().includes(wanted),
  )
}

/** Warnings by type, newest first. */
const group = (
  warnings: ReadonlyArray<Warning>,
  asked: { readonly type?: string; readonly search?: string; readonly distinctId?: string },
) => {
  const wanted = asked.search?.toLowerCase() ?? ""
  const chosen = warnings.filter(
    (warning) =>
      (asked.type === undefined || warning.type === asked.type) &&
      `${warning.type} ${canonical(warning.details)}`.toLowerCase().includes(wanted) &&
      (asked.distinctId === undefined || Object.values(warning.details).includes(asked.distinctId)),
  )
  const types = Map.groupBy(chosen, (warning): WarningType => warning.type)
  return [...types]
    .map(([type, all]) => ({
      type,
      count: all.length,
      lastSeen: Math.max(...all.map((warning) => warning.at)),
      warnings: all.toReversed().slice(0, warningsShownMax),
    }))
    .toSorted((a, b) => b.lastSeen - a.lastSeen || (a.type < b.type ? -1 : 1))
}
