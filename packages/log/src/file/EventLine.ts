import { Result } from "effect"
import * as OperatorCommand from "@onymous/identity/event/OperatorCommand"
import * as Event from "@onymous/identity/event/Event"
import * as EventDecoder from "@onymous/identity/event/EventDecoder"
import { invalid, type Invalid } from "@onymous/identity/encoding/Invalid"
import * as Json from "@onymous/identity/encoding/Json"
import { isNumberText } from "@onymous/identity/encoding/NumberText"
import * as PolicyChange from "@onymous/identity/policy/PolicyChange"
import * as ClientTime from "@onymous/identity/encoding/ClientTime"
import { type ProjectId, read as readProjectId } from "@onymous/identity/event/ProjectId"
import * as IsoTime from "@onymous/identity/encoding/IsoTime"
import * as Uuid from "@onymous/identity/encoding/Uuid"
import { aheadMax, type RecordedPayload } from "../EventLog.ts"
import * as LineKeys from "./LineKeys.ts"
import * as TextLines from "./TextLines.ts"
import * as ExactJson from "@onymous/identity/encoding/ExactJson"

/** A line of a file of events (DESIGN §7), with the event that it appends. */
export type Line =
  | { readonly _tag: "Blank" }
  | {
      /** A `Tick` lets time pass, which releases the events that are due. */
      readonly _tag: "Event" | "Policy" | "Tick" | "Command"
      readonly project: ProjectId
      /** The field with the time of recording; undefined where the line has none. */
      readonly timeField: TimeField | undefined
      readonly incoming: Event.Incoming & { readonly recordedAt: number }
    }

type TimeField = "received_at" | "advance_to"

/** The project of a line that names none: always the same, so that a file has the same persons wherever it is read. */
export const projectByDefault = "A"

/** The time of the first line without a time; each further line is a second later. */
const firstDefault = Date.UTC(2022, 9, 25, 12)

/** The field of an exported line with the client's own uuid, if that is invalid. */
const givenUuid = "given_uuid"

const namespace = Uuid.namespace("5ad1f8b0-6c38-4b0a-9f3c-0d0f2e6f2a11")

/**
 * Reads a line; `number` counts from 0. A line without a uuid gets the same one whenever the file is read, and a line
 * without a project belongs to `defaultProject`.
 */
export const decodeLine = (
  text: string,
  number: number,
  defaultProject: string = projectByDefault,
): Result.Result<Line, Invalid> => {
  if (text.length > TextLines.bytesMax)
    return invalid("line", `at most ${TextLines.bytesMax} bytes`)
  if (text.trim() === "") return Result.succeed({ _tag: "Blank" })
  // `TextLines` puts lone surrogates where the bytes of a file are no UTF-8.
  if (!text.isWellFormed()) return invalid("line", "UTF-8")
  const value = parse(text)
  if (!Json.isObject(value)) return invalid("line", "a JSON object")
  // Checked first, because the rest walks into values, and would run out of stack.
  if (Json.isDeeperThan(value, Json.depthMax)) {
    return invalid("line", `at most ${Json.depthMax} levels of nesting`)
  }
  const stray = LineKeys.strayIn(value)
  if (stray !== undefined) return Result.fail(stray)
  const given = Json.get(value, "project") ?? defaultProject
  const isNumber = typeof given === "number" || isNumberText(given)
  const named = typeof given === "string" || isNumber ? EventDecoder.idText(given) : given
  const read = readProjectId(typeof named === "string" ? Json.cleanText(named) : named)
  if (Result.isFailure(read)) return Result.fail(read.failure)
  const project = read.success
  if (Object.hasOwn(value, "policy")) return decodePolicy(value, project, text, number)
  if (Object.hasOwn(value, "api")) return decodeCommand(value, project, text, number)
  if (Object.hasOwn(value, "advance_to")) return decodeTick(value, project, text, number)
  return decodeCaptured(value, project, text, number)
}

/** Without a generator, because files have millions of such lines. */
const decodeCaptured = (
  value: Json.JsonObject,
  project: ProjectId,
  text: string,
  number: number,
): Result.Result<Line, Invalid> => {
  const received = receivedAt(value, number)
  if (Result.isFailure(received)) return Result.fail(received.failure)
  const decoded = decodeEvent(value, () => uuidOf(text, number))
  if (Result.isFailure(decoded)) return Result.fail(decoded.failure)
  const { event, payload } = decoded.success
  const incoming = { event, payload, recordedAt: received.success }
  return Result.succeed({ _tag: "Event", project, timeField: timeFieldOf(value), incoming })
}

const decodeTick = (
  value: Json.JsonObject,
  project: ProjectId,
  text: string,
  number: number,
): Result.Result<Line, Invalid> => {
  const recordedAt = timeOf(Json.get(value, "advance_to"))
  if (recordedAt === undefined) return invalid("advance_to", "an ISO 8601 time")
  const event = { _tag: "Ticked" as const, uuid: ownUuid(value, text, number) }
  const incoming = { event, payload: "{}", recordedAt }
  return Result.succeed({ _tag: "Tick", project, timeField: "advance_to", incoming })
}

const decodeCommand = (
  value: Json.JsonObject,
  project: ProjectId,
  text: string,
  number: number,
): Result.Result<Line, Invalid> =>
  Result.gen(function* () {
    const recordedAt = yield* saidAt(value)
    const command = LineKeys.withoutShared(value)
    const uuid = ownUuid(value, text, number)
    const event = yield* OperatorCommand.decode(command, uuid, { onExcessProperty: "error" })
    const payload = JSON.stringify(OperatorCommand.encode(event))
    const timeField = timeFieldOf(value)
    return {
      _tag: "Command" as const,
      project,
      timeField,
      incoming: { event, payload, recordedAt },
    }
  })

/** The uuid of a line, or else one derived from its text and number. */
const ownUuid = (value: Json.JsonObject, text: string, number: number): string => {
  return Uuid.normalised(Json.get(value, "uuid")) ?? uuidOf(text, number)
}

/** Reads an event; an exported event whose client gave an invalid uuid keeps the uuid under which it was recorded. */
const decodeEvent = (value: Json.JsonObject, uuid: () => string) => {
  const recorded = Uuid.normalised(Json.get(value, "uuid"))
  const given = Json.get(value, givenUuid) ?? null
  return recorded !== undefined && given !== null && Uuid.normalised(given) === undefined
    ? EventDecoder.decode({ ...value, uuid: given }, () => recorded)
    : EventDecoder.decode(value, uuid)
}

const parse = (text: string): unknown => {
  try {
    return ExactJson.parse(text)
  } catch {
    return undefined
  }
}

const uuidOf = (text: string, number: number): string => Uuid.v5(`${number}:${text}`, namespace)

const timeOf = (
  given: Json.Json | undefined,
  parse: (text: string) => number | undefined = IsoTime.parse,
): number | undefined => {
  const time = given === undefined ? undefined : parse(EventDecoder.idText(given))
  return time !== undefined && IsoTime.isRepresentable(time) ? time : undefined
}

const timeFieldOf = (value: Json.JsonObject): TimeField | undefined =>
  (Json.get(value, "received_at") ?? null) === null ? undefined : "received_at"

/**
 * The event of a line, for a log whose clock is at `now`. Where its time is in the future, a line without a time of
 * recording is recorded now, and a line with one is refused.
 */
export const receivedBy = (
  line: Exclude<Line, { readonly _tag: "Blank" }>,
  now: number,
): Result.Result<Event.Incoming, Invalid> => {
  const { recordedAt, ...incoming } = line.incoming
  if (recordedAt <= now + aheadMax) return Result.succeed(line.incoming)
  return line.timeField === undefined
    ? Result.succeed(incoming)
    : invalid(line.timeField, "a time that is not in the future")
}

const receivedAt = (value: Json.JsonObject, number: number) => {
  const given = Json.get(value, "received_at")
  if (given === undefined || given === null) {
    return Result.succeed(
      timeOf(Json.get(value, "timestamp"), ClientTime.parse) ?? firstDefault + number * 1000,
    )
  }
  const time = timeOf(given)
  return time === undefined ? invalid("received_at", "an ISO 8601 time") : Result.succeed(time)
}

/** The time of a policy or command; without one it is 0, which the log raises to its own time. */
const saidAt = (value: Json.JsonObject) => {
  const given = Json.get(value, "received_at") ?? Json.get(value, "timestamp")
  if (given === undefined || given === null) return Result.succeed(0)
  const time = timeOf(given)
  return time === undefined ? invalid("received_at", "an ISO 8601 time") : Result.succeed(time)
}

const decodePolicy = (
  value: Json.JsonObject,
  project: ProjectId,
  text: string,
  number: number,
): Result.Result<Line, Invalid> =>
  Result.gen(function* () {
    const policy = Json.clean(Json.get(value, "policy") ?? null)
    const change = yield* Result.mapError(PolicyChange.decode(policy), ({ field, expected }) => ({
      field: field === "policy" ? field : `policy.${field}`,
      expected,
    }))
    const recordedAt = yield* saidAt(value)
    const uuid = ownUuid(value, text, number)
    const event: Event.PolicyChanged = { _tag: "PolicyChanged", uuid, change }
    const payload = JSON.stringify({ policy })
    const timeField = timeFieldOf(value)
    return { _tag: "Policy" as const, project, timeField, incoming: { event, payload, recordedAt } }
  })

/** The line of an event as `export` writes it; reading it gives the same event. */
export const encodeLine = (recorded: RecordedPayload, project: ProjectId): string => {
  const { event, payload, recordedAt } = recorded
  const received = { uuid: event.uuid, received_at: new Date(recordedAt).toISOString(), project }
  if (event._tag === "PolicyChanged") return JSON.stringify({ policy: event.change, ...received })
  if (event._tag === "Ticked") {
    return JSON.stringify({ advance_to: received.received_at, ...received })
  }
  if (event._tag !== "Captured")
    return JSON.stringify({ ...OperatorCommand.encode(event), ...received })
  const given = event.facts.invalidUuid
  const rest = JSON.stringify(given === undefined ? received : { ...received, [givenUuid]: given })
  // The payload is spliced in as text, because parsing and writing it again might change it.
  return `${payload.slice(0, -1)},${rest.slice(1)}`
}
