import { Clock, Data, Effect, Result } from "effect"
import type { Invalid } from "@onymous/identity/encoding/Invalid"
import { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as IsoTime from "@onymous/identity/encoding/IsoTime"
import { normalised } from "@onymous/identity/encoding/Uuid"
import { EventLog } from "@onymous/log/EventLog"
import type { History } from "./History.ts"

const units = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

const relative =
  /^(\d{1,6})\s*(s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:ours?)?|d(?:ays?)?|w(?:eeks?)?)(?:\s+ago)?$/

type Reference =
  | { readonly _tag: "Position"; readonly position: Position }
  | { readonly _tag: "Uuid"; readonly uuid: string }
  | { readonly _tag: "Time"; readonly time: number }

/** Why a text is no point. */
interface NoPoint extends Invalid {
  /** True where the text has the form of a point, and the log has no such point. */
  readonly isUnknown?: boolean | undefined
}

const unknown = (expected: string): NoPoint => ({ field: "at", expected, isUnknown: true })

const unknownUuid = unknown("the uuid of an event in the log")

/** Reads a text; a relative one counts back from `now`, in epoch milliseconds. */
const read = (text: string, now: number): Result.Result<Reference, Invalid> => {
  const trimmed = text.trim()
  if (/^\d{1,15}$/.test(trimmed)) {
    return Result.succeed({ _tag: "Position", position: Position(Number(trimmed)) })
  }
  const uuid = normalised(trimmed)
  if (uuid !== undefined) return Result.succeed({ _tag: "Uuid", uuid })
  const [, count, unit] = relative.exec(trimmed) ?? []
  const length = Object.entries(units).find(([name]) => name === unit?.[0])?.[1]
  const time =
    count !== undefined && length !== undefined
      ? now - Number(count) * length
      : IsoTime.parseTyped(trimmed)
  return time === undefined
    ? Result.fail({ field: "at", expected: "a position, an ISO 8601 time, a uuid, or 2h ago" })
    : Result.succeed({ _tag: "Time", time })
}

/** Refuses a position past the head, because later events would change an answer as of it. */
const upTo = (head: Position, position: Position): Result.Result<Position, NoPoint> =>
  position > head
    ? Result.fail(unknown(`a position of the log, which ends at ${head}`))
    : Result.succeed(position)

/**
 * A point in a project's history: a position, an ISO 8601 time, the uuid of an event (right after it),
 * or a time before `now`, such as `2h ago`, in epoch milliseconds.
 */
export const parse = (
  history: Pick<History, "head" | "eventOf" | "log">,
  text: string,
  now: number,
): Result.Result<Position, NoPoint> =>
  Result.flatMap(read(text, now), (named) => {
    switch (named._tag) {
      case "Position":
        return upTo(history.head, named.position)
      case "Uuid": {
        const event = history.eventOf(named.uuid)
        return event === undefined ? Result.fail(unknownUuid) : Result.succeed(event.position)
      }
      case "Time": {
        const last = history.log.findLast(({ recordedAt }) => recordedAt <= named.time)
        return Result.succeed(last?.position ?? Position(0))
      }
    }
  })

/** A text that names no point of the log; the field that held it, and the form expected. */
export class NotUnderstood extends Data.TaggedError("NotUnderstood")<NoPoint> {
  override get message(): string {
    return `${this.field}: expected ${this.expected}`
  }
}

/** The position that a text names, looked up in the log; `NotUnderstood` carries `field`. */
export const resolve = (project: ProjectId, text: string, field = "at") =>
  Effect.mapError(lookUp(project, text), (error) =>
    error._tag === "NotUnderstood"
      ? new NotUnderstood({ field, expected: error.expected, isUnknown: error.isUnknown })
      : error,
  )

const lookUp = Effect.fn("Point.resolve")(function* (project: ProjectId, text: string) {
  const log = yield* EventLog
  const named = read(text, yield* Clock.currentTimeMillis)
  if (Result.isFailure(named)) return yield* new NotUnderstood(named.failure)
  switch (named.success._tag) {
    case "Position": {
      const { position: head } = yield* log.head(project)
      return yield* Effect.mapError(
        Effect.fromResult(upTo(head, named.success.position)),
        (beyond) => new NotUnderstood(beyond),
      )
    }
    case "Uuid": {
      const position = yield* log.positionOf(project, named.success.uuid)
      return position ?? (yield* new NotUnderstood(unknownUuid))
    }
    case "Time":
      return yield* log.positionAt(project, named.success.time)
  }
})
