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
  /** A command. */
  | { readonly _tag: "Api"; readonly project: ProjectId; readonly command: string }

const invalid = (field: string, expected: string) => Result.fail<Event.Invalid>({ field, expected })

/** Lines without a time follow each other by a second from here on. */
const firstDefault = Date.UTC(2022, 9, 25, 12)

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
  const given = Json.get(value, "project") ?? defaultProject
  if (typeof given !== "string" && typeof given !== "number") return invalid("project", "a text")
  const project = ProjectId(Json.cleanText(`${given}`))
  if (Object.hasOwn(value, "policy")) return decodePolicy(value, project, text, number)
  if (Object.hasOwn(value, "api")) {
    return Result.succeed({ _tag: "Api", project, command: Event.idText(Json.get(value, "api")) })
  }
  if (Object.hasOwn(value, "advance_to")) {
    const to = Timestamp.parse(Event.idText(Json.get(value, "advance_to")))
    if (to === undefined) return invalid("advance_to", "an ISO 8601 time")
    return Result.succeed({ _tag: "Advance", project, to })
  }
  return Result.gen(function* () {
    const recordedAt = yield* receivedAt(value, number)
    const incoming = yield* Event.decode(value, () => uuidOf(text, number))
    return { _tag: "Event" as const, project, incoming: { ...incoming, recordedAt } }
  })
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const uuidOf = (text: string, number: number): string => Uuid.v5(`${number}:${text}`, namespace)

const receivedAt = (value: Json.JsonObject, number: number) => {
  const given = Json.get(value, "received_at")
  if (given === undefined || given === null) {
    const timestamp = Timestamp.parse(Event.idText(Json.get(value, "timestamp")))
    return Result.succeed(timestamp ?? firstDefault + number * 1000)
  }
  const time = Timestamp.parse(Event.idText(given))
  return time === undefined ? invalid("received_at", "an ISO 8601 time") : Result.succeed(time)
}

const decodePolicy = (
  value: Json.JsonObject,
  project: ProjectId,
  text: string,
  number: number,
): Result.Result<Line, Event.Invalid> =>
  Result.gen(function* () {
    const policy = Json.get(value, "policy") ?? null
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
  const isInvalid = event._tag === "Captured" && event.facts.invalidUuid !== undefined
  const given = isInvalid ? event.facts.invalidUuid : event.uuid
  const received = new Date(recordedAt).toISOString()
  // The payload is spliced in as text: parsed and written again, it might not be the same.
  return `${payload.slice(0, -1)},${JSON.stringify({ uuid: given, received_at: received, project }).slice(1)}`
}
