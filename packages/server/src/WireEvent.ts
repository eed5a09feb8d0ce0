import { Result } from "effect"
import * as Event from "@onymous/identity/Event"
import * as Json from "@onymous/identity/Json"
import { isUuid } from "@onymous/identity/Uuid"
import { v7 } from "uuid"
import type { CaptureBatch } from "./CaptureBody.ts"
import { type CaptureError, invalidPayload } from "./CaptureError.ts"

/** The longest distinct id, in characters; longer ones are cut (posthog.md §7.3). */
export const distinctIdLengthMax = 200

/** In 2022, `$distinct_id` came before the properties' one, and the top level last (P7.3). */
const distinctIdOf = (event: Json.JsonObject): Json.Json | undefined => {
  const properties = Json.get(event, "properties")
  const nested = Json.isObject(properties) ? Json.get(properties, "distinct_id") : undefined
  return Json.get(event, "$distinct_id") || nested || Json.get(event, "distinct_id")
}

/** Without the request's token, which has no place in the log; another one is the client's own. */
const withoutToken = (event: Json.JsonObject, token: string): Json.JsonObject => {
  const properties = Json.get(event, "properties")
  if (!Json.isObject(properties) || Json.get(properties, "token") !== token) return event
  const { token: _, ...rest } = properties
  return { ...event, properties: rest }
}

/** By code points, so that no emoji is cut in two; each takes two units at most. */
const cut = (text: string, lengthMax: number): string =>
  text.length <= lengthMax
    ? text
    : Array.from(text.slice(0, 2 * lengthMax))
        .slice(0, lengthMax)
        .join("")

const normalise = (
  event: Json.JsonObject,
  id: Json.Json,
  { token, sentAt }: CaptureBatch,
  isEngage: boolean,
): Json.JsonObject => {
  const result = Json.copyObject(withoutToken(event, token))
  result["distinct_id"] = cut(Event.idText(id), distinctIdLengthMax)
  if (isEngage && result["event"] === undefined) result["event"] = "$identify"
  if (result["sent_at"] === undefined && sentAt !== undefined) result["sent_at"] = sentAt
  return result
}

/** Reads one event; undefined for one that is skipped without a word, as those of no name were. */
const decodeOne = (
  value: Json.Json,
  batch: CaptureBatch,
  isEngage: boolean,
): Result.Result<Event.Incoming | undefined, Event.Invalid> => {
  if (!Json.isObject(value)) return Result.fail({ field: "event", expected: "a JSON object" })
  if (Json.get(value, "event") === "") return Result.succeed(undefined)
  const id = distinctIdOf(value)
  if (!id || Event.idText(id).trim() === "") {
    return Result.fail({ field: "distinct_id", expected: "a text that is not blank" })
  }
  const uuid = Json.get(value, "uuid")
  if (uuid !== undefined && uuid !== null && uuid !== "" && !isUuid(uuid)) {
    return Result.fail({ field: "uuid", expected: "a UUID" })
  }
  const given = uuid === "" ? { ...value, uuid: null } : value
  return Event.decode(normalise(given, id, batch, isEngage), v7)
}

/** All events of a batch, or why the whole of it is refused: the event, its field, what was expected. */
export const decodeAll = (
  batch: CaptureBatch,
  isEngage: boolean,
): Result.Result<ReadonlyArray<Event.Incoming>, CaptureError> => {
  const incoming: Array<Event.Incoming> = []
  for (const [index, value] of batch.events.entries()) {
    const decoded = decodeOne(value, batch, isEngage)
    if (Result.isFailure(decoded)) {
      const path = [batch.nameOf(index), decoded.failure.field].filter(Boolean).join(".")
      return Result.fail(invalidPayload(`${path}: expected ${decoded.failure.expected}`))
    }
    if (decoded.success !== undefined) incoming.push(decoded.success)
  }
  return Result.succeed(incoming)
}
