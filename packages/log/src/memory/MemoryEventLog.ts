import { Clock, Effect, Layer, PubSub, Stream } from "effect"
import type { Incoming } from "@onymous/identity/event/Event"
import { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as EventContents from "../EventContents.ts"
import * as MemoryLookups from "./MemoryLookups.ts"
import * as MemoryProjects from "./MemoryProjects.ts"
import {
  type Head,
  type RecordedPayload,
  aheadMax,
  type Answer,
  type Appended,
  appendedAt,
  EventLog,
  projectNotFound,
  checkContinued,
} from "../EventLog.ts"
import { tailOf } from "../LogTail.ts"

/** One project of the log in memory. */
interface Memory extends MemoryProjects.ProjectEntry {
  recordedAt: number
  readonly events: Array<RecordedPayload>
  /** Uuid → event. */
  readonly byUuid: Map<string, RecordedPayload>
}

type Logs = Map<ProjectId, Memory>

const find = (logs: Logs, project: ProjectId): Answer<Memory> =>
  Effect.suspend(() => {
    const log = logs.get(project)
    return log === undefined ? Effect.fail(projectNotFound(project)) : Effect.succeed(log)
  })

/** The log in memory: it gives the same guarantees, and ends with the process. */
export const layerMemory: Layer.Layer<EventLog> = Layer.effect(
  EventLog,
  Effect.gen(function* () {
    const logs: Logs = new Map()
    const hub = yield* PubSub.sliding<ProjectId>(1024)
    const appended = Stream.fromPubSub(hub)
    const ask = <A>(
      project: ProjectId,
      question: (events: ReadonlyArray<RecordedPayload>) => A,
    ): Answer<A> => Effect.map(find(logs, project), ({ events }) => question(events))
    const read: EventLog["Service"]["read"] = (question) =>
      Effect.flatMap(find(logs, question.project), ({ events }) => {
        const { after, limit } = question
        const found = { head: Position(events.length), uuid: events[after - 1]?.event.uuid }
        return Effect.as(checkContinued(question, found), events.slice(after, after + limit))
      })
    const append: EventLog["Service"]["append"] = Effect.fnUntraced(function* (project, events) {
      const log = yield* find(logs, project)
      const appended = appendTo(log, events, yield* Clock.currentTimeMillis)
      yield* PubSub.publish(hub, project)
      return appended
    })
    return EventLog.of({
      ...MemoryProjects.make(logs, begin),
      ready: Effect.void,
      heads: Effect.sync(() => [...logs.values()].map(headOf)),
      append,
      // No transaction locks the head of a log in memory, so events need no inbox.
      enqueue: (project, events) => Effect.asVoid(append(project, events)),
      inboxes: Effect.succeed([]),
      apart: (effect) => effect,
      afterCommit: (effect) => effect,
      drain: () => Effect.succeed({ count: 0, hasMore: false }),
      arrived: Stream.never,
      outcomes: () => Effect.succeed([]),
      head: (project) => Effect.map(find(logs, project), headOf),
      read,
      readPayloads: (question) =>
        ask(question.project, (events) => MemoryLookups.choose(events, question)),
      readAt: (project, positions) =>
        ask(project, (events) => MemoryLookups.readAt(events, positions)),
      readOf: (question) =>
        ask(question.project, (events) => MemoryLookups.readOf(events, question)),
      sizeOf: (question) =>
        ask(question.project, (events) => MemoryLookups.sizeOf(events, question)),
      marksAt: (project, positions) =>
        ask(project, (events) => MemoryLookups.marksAt(events, positions)),
      sendersAt: (project, positions) =>
        ask(project, (events) => MemoryLookups.sendersAt(events, positions)),
      readActs: (question) =>
        ask(question.project, (events) => MemoryLookups.readActs(events, question)),
      positionOf: (project, uuid) =>
        ask(project, (events) => MemoryLookups.positionOf(events, uuid)),
      positionAt: (project, time) =>
        ask(project, (events) => MemoryLookups.positionAt(events, time)),
      firstAt: (project, times) => ask(project, (events) => MemoryLookups.firstAt(events, times)),
      uuidAt: (project, position) => ask(project, (events) => events[position - 1]?.event.uuid),
      damage: (project) => ask(project, () => undefined),
      tail: (question) => tailOf(read, appended, question),
      appended,
    })
  }),
)

const begin = (entry: MemoryProjects.ProjectEntry): Memory => ({
  ...entry,
  recordedAt: 0,
  events: [],
  byUuid: new Map(),
})

const headOf = ({ project, events, recordedAt }: Memory): Head => ({
  project: project.id,
  position: Position(events.length),
  recordedAt,
  logId: project.logId,
})

const appendTo = (log: Memory, incoming: ReadonlyArray<Incoming>, now: number): Appended => {
  const latest = Date.now() + aheadMax
  let reused = 0
  const places = incoming.map(({ event, payload, recordedAt = now }) => {
    const first = log.byUuid.get(event.uuid)
    if (first !== undefined) {
      if (!EventContents.isSame(first.payload, payload)) reused += 1
      return { position: first.position, isNew: false }
    }
    log.recordedAt = Math.max(log.recordedAt, Math.min(recordedAt, latest))
    const position = Position(log.events.length + 1)
    const recorded = { position, recordedAt: log.recordedAt, event, payload }
    log.byUuid.set(event.uuid, recorded)
    log.events.push(recorded)
    return { position, isNew: true }
  })
  return appendedAt(places, reused)
}
