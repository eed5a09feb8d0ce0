import { Editions } from "../Editions.ts"
import { PersonStore } from "../PersonStore.ts"
import type { ReadModel } from "../ReadModel.ts"
import { Clock, Context, Effect, Layer } from "effect"
import { Position, zero } from "@onymous/identity/event/Position"
import type { Policy } from "@onymous/identity/policy/Policy"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as PersonSearch from "../reading/PersonSearch.ts"
import * as PersonsCursor from "../reading/PersonsCursor.ts"
import { PersonsPage } from "../reading/PersonsPage.ts"
import * as MemoryTimeline from "./MemoryTimeline.ts"
import * as MemorySlice from "./MemorySlice.ts"
import * as MemoryWaiting from "./MemoryWaiting.ts"
import * as MemoryWarnings from "./MemoryWarnings.ts"
import { type Checkpoint, initial } from "../Checkpoint.ts"
import { Persons, type PersonsQuestion, type PersonView, type RaisedWarning } from "../Persons.ts"
import { Timeline } from "../Timeline.ts"
import { Tables } from "./MemoryTables.ts"
import * as MemoryAsOf from "./MemoryAsOf.ts"
import * as Interval from "../rows/Interval.ts"
import { Memory, claimed, fenced, editions } from "./MemoryEditions.ts"

/** The read model in memory: it has the same rows as Postgres, and ends with the process. */
export const layerMemory: Layer.Layer<ReadModel> = Layer.syncContext(() => {
  const memory = new Memory()
  return Context.make(Persons, questions(memory)).pipe(
    Context.add(Timeline, timeline(memory)),
    Context.add(PersonStore, store(memory)),
    Context.add(Editions, editions(memory)),
  )
})

/** `Persons` over tables in memory that are filled already; `startPolicy` is the policy at position 0. */
export const layerTables = (
  checkpoint: Checkpoint,
  tables: Tables,
  startPolicy: Policy,
): Layer.Layer<Persons> =>
  Layer.sync(Persons, () => {
    const memory = new Memory()
    memory.projects.set(checkpoint.project, {
      live: { checkpoint, tables },
      making: undefined,
      beats: 0,
    })
    const policies = [{ from: zero, policy: startPolicy }, ...tables.policies]
    return { ...questions(memory), policies: () => Effect.succeed(policies) }
  })

const questions = (memory: Memory) => {
  const tablesOf = (id: ProjectId) => memory.live(id).tables
  return Persons.of({
    checkpoint: (id) => Effect.sync(() => memory.live(id).checkpoint),
    conesOf: (from, ids) => Effect.sync(() => memory.tablesOf(from).conesOf(ids)),
    find: (id, distinctId, at) =>
      Effect.sync(() =>
        at === undefined
          ? viewOf(tablesOf(id), distinctId)
          : MemoryAsOf.personAt(tablesOf(id), distinctId, at),
      ),
    findById: (id, personId, at) =>
      Effect.sync(() => viewsOf(tablesOf(id), at).find((view) => view.id === personId)),
    idsFrom: (question) =>
      Effect.sync(() => {
        const views = viewsOf(tablesOf(question.project), question.at)
        const owned = views.flatMap(({ id: personId, distinctIds }) =>
          distinctIds.map((distinctId) => ({ distinctId, personId })),
        )
        return owned
          .filter(({ distinctId }) => distinctId.startsWith(question.prefix))
          .toSorted((a, b) => Buffer.compare(Buffer.from(a.distinctId), Buffer.from(b.distinctId)))
          .slice(0, question.limit)
      }),
    list: (question) => list(tablesOf(question.project), question),
    warningGroups: (question) =>
      Effect.sync(() =>
        MemoryWarnings.group(raised(tablesOf(question.project), question.at), question),
      ),
    warnings: (question) =>
      Effect.sync(() =>
        MemoryWarnings.after(raised(tablesOf(question.project), question.at), question),
      ),
    waiting: (question) =>
      Effect.sync(() => MemoryWaiting.waiting(tablesOf(question.project), question)),
    waitingOf: (project, id) => Effect.sync(() => MemoryWaiting.waitingOf(tablesOf(project), id)),
    fates: (id, positions) => Effect.sync(() => MemoryWaiting.fates(tablesOf(id), positions)),
    goneAt: (id, ids, at) => Effect.sync(() => MemoryWaiting.goneAt(tablesOf(id), ids, at)),
    ownersAt: (id, places) => Effect.sync(() => MemoryWaiting.ownersAt(tablesOf(id), places)),
    policies: (id) => Effect.sync(() => tablesOf(id).policies),
    hashes: (id) => Effect.sync(() => tablesOf(id).hashes),
  })
}

const timeline = (memory: Memory) => {
  const tablesOf = (id: ProjectId) => memory.live(id).tables
  return Timeline.of({
    activity: (question) =>
      Effect.sync(() => MemoryTimeline.activity(tablesOf(question.project), question)),
    changes: (question) =>
      Effect.sync(() => MemoryTimeline.changes(tablesOf(question.project), question)),
    mergesWorthALook: (question) =>
      Effect.sync(() => MemoryTimeline.mergesWorthALook(tablesOf(question.project), question)),
    formerlyHeld: (question) =>
      Effect.sync(() => MemoryTimeline.formerlyHeld(tablesOf(question.project), question)),
    waitingNow: (project) => Effect.sync(() => MemoryTimeline.waitingNow(tablesOf(project))),
  })
}

const store = (memory: Memory) =>
  PersonStore.of({
    claim: (id, logId) => Effect.sync(() => claimed(memory.live(id), initial(id, logId))),
    release: ({ project, edition, epoch }) =>
      Effect.sync(() => {
        const live = memory.live(project)
        const now = live.checkpoint
        if (now?.edition === edition && now.epoch === epoch) {
          live.checkpoint = { ...now, epoch: epoch - 1 }
        }
      }),
    load: (from, wanted) =>
      Effect.sync(() => MemorySlice.load(memory.tablesOf(from), from, wanted)),
    due: (from, until) => Effect.sync(() => MemoryWaiting.due(memory.tablesOf(from), until)),
    overdue: Effect.map(Clock.currentTimeMillis, (clock) => {
      // Like the log in memory, this trusts no clock that is ahead of the machine's.
      const now = Math.min(clock, Date.now())
      return [...memory.projects].flatMap(([project, { live }]) => {
        const [first] = MemoryWaiting.due(live.tables, now)
        return first === undefined ? [] : [{ project, dueAt: first.dueAt, now }]
      })
    }),
    waiting: Effect.sync(
      () =>
        new Map(
          [...memory.projects].map(([project, { live }]) => [
            project,
            MemoryWaiting.due(live.tables, Number.POSITIVE_INFINITY).length,
          ]),
        ),
    ),
    commit: ({ from, to, rows }) =>
      Effect.suspend(() => {
        const edition = memory.editionOf(from)
        const now = edition?.checkpoint
        if (edition === undefined || now?.epoch !== from.epoch || now.position !== from.position) {
          return fenced(from.project)
        }
        edition.tables.write(rows)
        edition.checkpoint = to
        return Effect.void
      }),
  })

const list = (
  tables: Tables,
  { search = "", limit, cursor, at }: PersonsQuestion,
): ReturnType<Persons["Service"]["list"]> =>
  Effect.map(PersonsCursor.read(cursor), (after) => {
    const views = viewsOf(tables, at)
      .toSorted(newestFirst)
      .filter(
        (view) =>
          PersonSearch.finds(view, search) && (after === undefined || newestFirst(after, view) < 0),
      )
    const page = new PersonsPage(limit)
    for (const view of views) {
      if (page.isFull) break
      page.add(view)
    }
    const results = page.views
    const last = results.at(-1)
    const isLast = results.length === views.length
    return { results, next: isLast || !last ? undefined : PersonsCursor.of(last) }
  })

const viewOf = (tables: Tables, id: Parameters<Tables["personOf"]>[0]): PersonView | undefined => {
  const found = tables.personOf(id)
  return found && { ...found.person, distinctIds: found.distinctIds }
}

const viewsOf = (tables: Tables, at: Position | undefined): ReadonlyArray<PersonView> =>
  at === undefined ? allViews(tables) : MemoryAsOf.personsAt(tables, at)

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
    const holds = at === undefined ? to === null : Interval.holdsAt({ from, to }, at)
    return holds ? [{ ...warning, raisedAt: from }] : []
  })
