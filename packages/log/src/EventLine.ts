import { Result } from "effect"
import * as Event from "@onymous/identity/Event"
import * as Json from "@onymous/identity/Json"
import * as Policy from "@onymous/identity/Policy"
import { ProjectId } from "@onymous/identity/ProjectId"
import * as Timestamp from "@onymous/identity/Timestamp"
import * as Uuid from "@onymous/identity/Uuid"
import type { RecordedPayload } from "./EventLog.ts"

/** A line of a file of events (DESIGN §7). */
export type Line =
  | { readonly _tag: "Blank" }
  | {
      readonly _tag: "Event" | "Policy"
      readonly project: ProjectId
      readonly incoming: Event.Incoming & { readonly recordedAt: number }
    }
  /** The tick that a quiet time would append. */
  | { readonly _tag: "Advance"; readonly project: ProjectId; readonly to: number }
  /** A command; `body` is the whole line. */
  | {
      readonly _tag: "Api"
      readonly project: ProjectId
      readonly command: string
      readonly body: Json.JsonObject
    }

const invalid = (field: string, expected: string) => Result.fail<Event.Invalid>({ field, expected })

/** Lines without a time follow each other by a second from here on. */
const firstDefault = Date.UTC(2022, 9, 25, 12)

/** Where an exported line keeps the uuid as the client gave it, if that was none. */
const givenUuid = "given_uuid"

const namespace = Uuid.toBytes("5ad1f8b0-6c38-4b0a-9f3c-0d0f2e6f2a11")

/**
 * Reads a line; `number` counts from 0. One without a uuid gets the same one whenever the file is read,
 * one without a project belongs to `project`.
 */
export const decodeLine = (
  text: string,
  number: number,
  defaultProject = "A",
): Result.Result<Line, Event.Invalid> => {
  if (text.trim() === "") return Result.succeed({ _tag: "Blank" })
  const value = parse(text)
  if (!Json.isObject(value)) return invalid("line", "a JSON object")
  // First of all: what follows walks into values, and must not run out of stack.
  if (Json.isDeeperThan(value, Json.depthMax)) {
    return invalid("line", `at most ${Json.depthMax} levels of nesting`)
  }
  const given = Json.get(value, "project") ?? defaultProject
  if (typeof given !== "string" && typeof given !== "number") return invalid("project", "a text")
  const project = ProjectId(Json.cleanText(`${given}`))
  if (Object.hasOwn(value, "policy")) return decodePolicy(value, project, text, number)
  if (Object.hasOwn(value, "api")) {
    const command = Event.idText(Json.get(value, "api"))
    return Result.succeed({ _tag: "Api", project, command, body: value })
  }
  if (Object.hasOwn(value, "advance_to")) {
    const to = timeOf(Json.get(value, "advance_to"))
    if (to === undefined) return invalid("advance_to", "an ISO 8601 time")
    return Result.succeed({ _tag: "Advance", project, to })
  }
  return Result.gen(function* () {
    const recordedAt = yield* receivedAt(value, number)
    const incoming = yield* decodeEvent(value, () => uuidOf(text, number))
    return { _tag: "Event" as const, project, incoming: { ...incoming, recordedAt } }
  })
}

/** An exported event that came with a uuid that was none keeps the uuid under which it was recorded. */
const decodeEvent = (value: Json.JsonObject, uuid: () => string) => {
  const recorded = Json.get(value, "uuid")
  const given = Json.get(value, givenUuid) ?? null
  return Uuid.isUuid(recorded) && given !== null && !Uuid.isUuid(given)
    ? Event.decode({ ...value, uuid: given }, () => recorded.toLowerCase())
    : Event.decode(value, uuid)
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const uuidOf = (text: string, number: number): string => Uuid.v5(`${number}:${text}`, namespace)

/** Beyond it, ISO 8601 texts have more digits than we read: only a zone leads there. */
const lastTime = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

const timeOf = (given: Json.Json | undefined): number | undefined => {
  const time = given === undefined ? undefined : Timestamp.parse(Event.idText(given))
  return time === undefined || time > lastTime ? undefined : time
}

const receivedAt = (value: Json.JsonObject, number: number) => {
  const given = Json.get(value, "received_at")
  if (given === undefined || given === null) {
    return Result.succeed(timeOf(Json.get(value, "timestamp")) ?? firstDefault + number * 1000)
  }
  const time = timeOf(given)
  return time === undefined ? invalid("received_at", "an ISO 8601 time") : Result.succeed(time)
}

const decodePolicy = (
  value: Json.JsonObject,
  project: ProjectId,
  text: string,
  number: number,
): Result.Result<Line, Event.Invalid> =>
  Result.gen(function* () {
    const policy = Json.clean(Json.get(value, "policy") ?? null)
    const change = yield* Result.mapError(Policy.decode(policy), (message) => ({
      field: "policy",
      expected: message,
    }))
    const recordedAt = yield* receivedAt(value, number)
    const given = Json.get(value, "uuid")
    const uuid = Uuid.isUuid(given) ? given.toLowerCase() : uuidOf(text, number)
    const event: Event.PolicyChanged = { _tag: "PolicyChanged", uuid, change }
    const payload = JSON.stringify({ policy })
    return { _tag: "Policy" as const, project, incoming: { event, payload, recordedAt } }
  })

/** The line that reads back as this event: what `export` writes. */
export const encodeLine = (recorded: RecordedPayload, project: ProjectId): string => {
  const { event, payload, recordedAt } = recorded
  const received = { uuid: event.uuid, received_at: new Date(recordedAt).toISOString(), project }
  if (event._tag === "PolicyChanged") return JSON.stringify({ policy: event.change, ...received })
  const given = event.facts.invalidUuid
  const rest = JSON.stringify(given === undefined ? received : { ...received, [givenUuid]: given })
  // The payload is spliced in as text: parsed and written again, it might not be the same.
  return `${payload.slice(0, -1)},${rest.slice(1)}`
}
