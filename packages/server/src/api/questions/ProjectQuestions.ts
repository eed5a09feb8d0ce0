import * as AttributionForms from "@onymous/api/forms/AttributionForms"
import * as PersonForms from "@onymous/api/forms/PersonForms"
import * as ProjectForms from "@onymous/api/forms/ProjectForms"
import * as WarningForms from "@onymous/api/forms/WarningForms"
import { Clock, Effect } from "effect"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import { cleanText } from "@onymous/identity/encoding/Json"
import { PersonId } from "@onymous/identity/state/PersonId"
import { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import * as InternalUsers from "@onymous/persons/InternalUsers"
import { Persons } from "@onymous/persons/Persons"
import { policyAt } from "@onymous/persons/PolicyHistory"
import * as EventPage from "@onymous/persons/EventPage"

/** Results of an answer where the question sets no limit. */
const defaultLimit = 100

/** The project of a question, and the position that the answer is as of. */
export interface Scope {
  readonly project: ProjectId
  /** The position of the persons. */
  readonly checkpoint: Position
  /** Undefined for now. */
  readonly at: Position | undefined
}

interface PersonsQuestion {
  readonly distinct_id?: string | undefined
  readonly person_id?: string | undefined
  readonly search?: string | undefined
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
  readonly filter_internal?: string | undefined
}

/** The person of an id; for an id that has none now, its waiting events. */
const personOf = Effect.fnUntraced(function* (
  { project, at }: Scope,
  id: DistinctId,
  isFiltered: boolean,
) {
  const found = yield* (yield* Persons).find(project, id, at)
  const kept = isFiltered ? yield* InternalUsers.keep(project, found) : found
  const results = kept === undefined ? [] : [PersonForms.person(project, kept)]
  const isNew = found === undefined && at === undefined
  const waiting = isNew ? yield* (yield* Persons).waitingOf(project, id) : []
  return {
    results,
    next: null,
    ...(waiting.length > 0 && { waiting: waiting.map(AttributionForms.waitingEvent) }),
  }
})

/** Persons, newest first; without internal users where the question asks for it (SPEC §7). */
export const persons = Effect.fnUntraced(function* (scope: Scope, query: PersonsQuestion) {
  const { project, at } = scope
  const model = yield* Persons
  const isFiltered = query.filter_internal === "true"
  if (query.distinct_id !== undefined) {
    return yield* personOf(scope, DistinctId(query.distinct_id), isFiltered)
  }
  if (query.person_id !== undefined) {
    const found = yield* model.findById(project, PersonId(query.person_id.toLowerCase()), at)
    const kept = isFiltered ? yield* InternalUsers.keep(project, found) : found
    return { results: kept === undefined ? [] : [PersonForms.person(project, kept)], next: null }
  }
  const question = {
    project,
    limit: query.limit ?? defaultLimit,
    ...(query.search !== undefined && { search: cleanText(query.search) }),
    ...(query.cursor !== undefined && { cursor: cleanText(query.cursor) }),
    ...(at !== undefined && { at }),
  }
  const listed = isFiltered ? InternalUsers.list(question) : model.list(question)
  const { results, next } = yield* listed
  return { results: results.map((view) => PersonForms.person(project, view)), next: next ?? null }
})

interface EventsQuestion {
  readonly distinct_id?: string | undefined
  readonly limit?: number | undefined
  readonly before?: number | undefined
  readonly filter_internal?: string | undefined
}

/** Events, newest first, of everyone or of one person, each with its person now or at a point. */
export const events = Effect.fnUntraced(function* (scope: Scope, query: EventsQuestion) {
  const { results, next } = yield* EventPage.of({
    ...scope,
    distinctId: query.distinct_id,
    limit: query.limit ?? defaultLimit,
    before: query.before,
    filterInternal: query.filter_internal === "true",
  })
  return { results: results.map(AttributionForms.event), next: next ?? null }
})

interface WarningsQuestion {
  readonly all?: string | undefined
  readonly type?: string | undefined
  readonly search?: string | undefined
  readonly distinct_id?: string | undefined
}

/** The age of the oldest warning listed, in milliseconds: 30 days (posthog.md §6). */
const warningsWindow = 30 * 86_400_000

/** All warnings by type, or those since a time. */
const groupsSince = Effect.fnUntraced(function* (
  { project, at }: Scope,
  query: WarningsQuestion,
  since?: number,
) {
  return yield* (yield* Persons).warningGroups({
    project,
    ...(since !== undefined && { since }),
    ...(at !== undefined && { at }),
    ...(query.type !== undefined && { type: cleanText(query.type) }),
    ...(query.search !== undefined && { search: cleanText(query.search) }),
    ...(query.distinct_id !== undefined && { distinctId: DistinctId(query.distinct_id) }),
  })
})

/** All warnings by type, where no log says who sent their events. */
export const warningsOf = Effect.fnUntraced(function* (scope: Scope, query: WarningsQuestion) {
  const groups = yield* groupsSince(scope, query)
  return { results: groups.map((group) => WarningForms.warningGroup(group, new Map())) }
})

/** Since when warnings are asked for; undefined for all of them. */
const beginOf = Effect.fnUntraced(function* ({ project, at }: Scope, { all }: WarningsQuestion) {
  if ((all ?? "false") !== "false") return undefined
  const [last] = at ? yield* (yield* EventLog).readAt(project, [at]) : []
  return (last?.recordedAt ?? (yield* Clock.currentTimeMillis)) - warningsWindow
})

/** The warnings of the last 30 days before now, or before a point, by type; with `all`, older ones, too. */
export const warnings = Effect.fnUntraced(function* (scope: Scope, query: WarningsQuestion) {
  const groups = yield* groupsSince(scope, query, yield* beginOf(scope, query))
  // Looked up by position: at any moment, the same library has sent an event.
  const positions = groups.flatMap(({ warnings: shown }) => shown.map(({ position }) => position))
  const senders = yield* (yield* EventLog).sendersAt(scope.project, positions)
  const byPosition = new Map(senders.map((sender) => [sender.position, sender]))
  return { results: groups.map((group) => WarningForms.warningGroup(group, byPosition)) }
})

interface WaitingQuestion {
  readonly released?: string | undefined
  readonly limit?: number | undefined
  readonly before?: number | undefined
}

/** The waiting events, and with `released` those released already. */
export const waiting = Effect.fnUntraced(function* (
  { project, at }: Scope,
  query: WaitingQuestion,
) {
  const limit = query.limit ?? defaultLimit
  const found = yield* (yield* Persons).waiting({
    project,
    // One more than asked, to know whether there is a next page.
    limit: limit + 1,
    withReleased: query.released === "true",
    ...(at !== undefined && { at }),
    ...(query.before !== undefined && { before: Position(query.before) }),
  })
  const results = found.slice(0, limit).map(AttributionForms.waitingEvent)
  const last = found.length > limit ? results.at(-1) : undefined
  return { results, next: last?.position ?? null }
})

/** The policy now, or at a point. */
export const policy = ({ project, at }: Scope) =>
  Effect.map(policyAt(project, at), (held) => ({ policy: held }))

/** All projects, with the sizes of their logs. */
export const projects = Effect.gen(function* () {
  const log = yield* EventLog
  const heads = new Map((yield* log.heads).map((head) => [head.project, head]))
  const results = yield* Effect.forEach(
    yield* log.projects,
    Effect.fnUntraced(function* (project) {
      const { position: events = 0, recordedAt } = heads.get(project.id) ?? {}
      const [first] = events === 0 ? [] : yield* log.readAt(project.id, [Position(1)])
      return ProjectForms.listedProject({
        ...project,
        events,
        firstAt: first?.recordedAt,
        lastAt: events === 0 ? undefined : recordedAt,
        // Projects made by an import or by the library have no key.
        hasKey: ((yield* log.keyHashes(project.id)) ?? []).length > 0,
      })
    }),
  )
  return { results }
})
