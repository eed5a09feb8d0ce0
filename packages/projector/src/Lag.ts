import { Clock, Effect } from "effect"
import { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog, EventLogError, type Head } from "@onymous/log/EventLog"
import { initial, type StoredCheckpoint } from "@onymous/persons/Checkpoint"
import { Editions } from "@onymous/persons/Editions"
import { Persons } from "@onymous/persons/Persons"
import type { CatchUp } from "./CatchUp.ts"

/** How far the persons of a project are behind its log. */
export interface Lag {
  readonly head: Head
  readonly checkpoint: StoredCheckpoint
  /** The number of events that the persons lack; undefined where they were derived from another log. */
  readonly events: number | undefined
  /** The age of the first of them in the log, in seconds; undefined as above. */
  readonly seconds: number | undefined
  /** Why the projector stands still; undefined where it does not. */
  readonly stopped: string | undefined
  /**
   * The process that owns the project: this one, or another one, which may have ended; undefined where no process has
   * claimed the project yet.
   */
  readonly owner: Owner | undefined
}

export type Owner = "here" | "elsewhere"

/** What a process knows of the projects that it derives. */
type Known = Pick<CatchUp, "standstills" | "claims">

const ownerOf = ({ claims }: Known, { project, edition, epoch }: StoredCheckpoint): Owner => {
  const claim = claims.get(project)
  return claim?.edition === edition && claim.epoch === epoch ? "here" : "elsewhere"
}

/** The contradiction between a log and a checkpoint: another log, or one that ends before the checkpoint. */
const contradictionOf = (head: Head, checkpoint: StoredCheckpoint): string | undefined => {
  const { project, position, logId, lastUuid } = checkpoint
  if (position === 0) return undefined
  if (logId !== head.logId) {
    const reason = { _tag: "OtherLog", project, expected: logId, found: head.logId } as const
    return new EventLogError({ reason }).message
  }
  if (head.position >= position) return undefined
  const expected = lastUuid ?? ""
  const ends = { project, position, expected, found: undefined, head: head.position }
  return new EventLogError({ reason: { _tag: "WoundBack", ...ends } }).message
}

/** The age of the event at a position, in seconds. */
export const secondsSince = Effect.fnUntraced(function* (project: ProjectId, position: Position) {
  const [first] = yield* (yield* EventLog).readAt(project, [position])
  const now = yield* Clock.currentTimeMillis
  return first === undefined ? 0 : Math.max(0, Math.floor((now - first.recordedAt) / 1000))
})

/** Why no event can be appended: the log has one beyond its head. */
const headBehind = Effect.fnUntraced(function* ({ project, position: head }: Head) {
  const log = yield* EventLog
  const found = Position(head + 1)
  if ((yield* log.uuidAt(project, found)) === undefined) return undefined
  // Read again, because the event may have been appended after the head was read.
  if ((yield* log.head(project)).position > head) return undefined
  return new EventLogError({ reason: { _tag: "HeadBehind", project, head, found } }).message
})

/** Why no process can go on with a checkpoint, whatever its log holds: its policy is none. */
const unreadable = ({ project, policy }: StoredCheckpoint) =>
  policy === undefined
    ? Effect.flatMap(Persons, (persons) => persons.checkpoint(project)).pipe(
        Effect.as(undefined),
        Effect.catchReason("PersonsError", "Stopped", (_, { message }) => Effect.succeed(message)),
      )
    : Effect.undefined

/** How far the persons of a project are behind its log, whichever process derives them. */
export const of = Effect.fnUntraced(function* (known: Known, project: ProjectId) {
  const log = yield* EventLog
  // The checkpoint is read before the head, because otherwise it could be past that head.
  const found = yield* (yield* Editions).live(project)
  const head = yield* log.head(project)
  const checkpoint = found ?? initial(project, head.logId)
  const contradiction = (yield* headBehind(head)) ?? contradictionOf(head, checkpoint)
  const stopped =
    known.standstills.get(project)?.error.message ??
    contradiction ??
    (yield* unreadable(checkpoint))
  const events = contradiction === undefined ? head.position - checkpoint.position : undefined
  const next = Position(checkpoint.position + 1)
  const seconds = events === undefined || events === 0 ? events : yield* secondsSince(project, next)
  const owner = found && ownerOf(known, found)
  const lag: Lag = { head, checkpoint, events, seconds, stopped, owner }
  return lag
})
