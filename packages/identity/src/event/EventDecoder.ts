import { Result } from "effect"
import { DistinctId } from "./DistinctId.ts"
import * as Json from "../encoding/Json.ts"
import * as ClientTime from "../encoding/ClientTime.ts"
import { isNumberText } from "../encoding/NumberText.ts"
import * as MappedKeys from "./MappedKeys.ts"
import * as Uuid from "../encoding/Uuid.ts"
import { invalid, type Invalid } from "../encoding/Invalid.ts"
import type { Facts, Captured, Incoming } from "./Event.ts"

/** The largest event, in UTF-8 bytes of JSON (posthog.md §7.4). */
export const bytesMax = 1_048_576

/** True for a payload above `bytesMax`. */
export const isTooLarge = (payload: string): boolean =>
  payload.length * 3 > bytesMax && new TextEncoder().encode(payload).length > bytesMax

/** The longest event name in characters; the decoder cuts longer names (posthog.md §7.3). */
const nameLengthMax = 200

const readName = (value: unknown): string | undefined => {
  if (value === undefined || value === null || value === "") return undefined
  const name = typeof value === "string" ? value : JSON.stringify(value)
  return Json.cleanText(name.slice(0, nameLengthMax))
}

/**
 * The text of an id that came as any JSON value, as JavaScript's `String` gives it; a number that a double does
 * not keep has the digits that were sent.
 */
export const idText = (value: unknown): string => {
  if (Array.isArray(value))
    return value.map((item) => (item === null ? "" : idText(item))).join(",")
  if (isNumberText(value)) return value.rawJSON
  return typeof value === "object" && value !== null ? "[object Object]" : String(value)
}

/** The longest text that is kept of what is no uuid or no time: every longer text is neither, cut or whole. */
const keptLengthMax = 200

const cut = (text: string): string =>
  text.length > keptLengthMax ? `${Json.cleanText(text.slice(0, keptLengthMax))}…` : text

const bounded = (value: Json.Json): Json.Json => {
  const text = typeof value === "string" ? value : JSON.stringify(value)
  return text.length > keptLengthMax + 1 ? cut(text) : value
}

/** The text of a time. A long one is written anew, and what cannot be read as a time is cut: a cut text is none, too. */
const timeText = (value: Json.Json): string => {
  const text = idText(value)
  if (text.length <= keptLengthMax + 1) return text
  const time = ClientTime.parse(text)
  return time === undefined ? cut(text) : new Date(time).toISOString()
}

const objectAt = (object: Json.JsonObject, key: string): Json.JsonObject | undefined => {
  const value = Json.get(object, key)
  return Json.isObject(value) ? value : undefined
}

const merged = (
  nested: Json.JsonObject | undefined,
  top: Json.JsonObject | undefined,
): Json.JsonObject | undefined =>
  nested === undefined || top === undefined
    ? (top ?? nested)
    : Object.assign(Json.copyObject(nested), top)

const isGiven = (value: Json.Json | undefined): value is Exclude<Json.Json, null> =>
  value !== undefined && value !== null

const sourceValue = (name: string, properties: Json.JsonObject): Json.Json | undefined => {
  if (name === "$identify") return Json.get(properties, "$anon_distinct_id")
  if (name !== "$create_alias" && name !== "$merge_dangerously") return undefined
  return Json.get(properties, "alias") || undefined
}

const readFacts = (value: Json.JsonObject, properties: Json.JsonObject, name: string): Facts => {
  const set = merged(objectAt(properties, "$set"), objectAt(value, "$set"))
  const setOnce = merged(objectAt(properties, "$set_once"), objectAt(value, "$set_once"))
  const unset = Json.get(properties, "$unset")
  const mapped = name === "$snapshot" ? undefined : MappedKeys.pick(properties)
  const source = sourceValue(name, properties)
  const uuid = Json.get(value, "uuid")
  const personProfile = Json.get(properties, "$process_person_profile")
  const lib = Json.get(properties, "$lib")
  const device = Json.get(properties, "$device_id")
  const facts: { -readonly [K in keyof Facts]: Facts[K] } = {}
  if (set !== undefined) facts.set = set
  if (setOnce !== undefined) facts.setOnce = setOnce
  if (Array.isArray(unset)) facts.unset = unset.map(idText)
  if (Json.isObject(unset)) facts.unsetKeys = Object.keys(unset)
  if (mapped !== undefined) facts.mapped = mapped
  if (source !== undefined && !source) facts.emptySource = true
  if (Json.get(properties, "$ignore_sent_at") === true) facts.ignoreSentAt = true
  if (isGiven(uuid) && Uuid.normalised(uuid) === undefined) {
    facts.invalidUuid = bounded(Json.clean(uuid))
  }
  if (isGiven(device) && idText(device) === idText(Json.get(value, "distinct_id"))) {
    facts.isDevice = true
  }
  if (typeof lib === "string") facts.lib = Json.cleanText(lib.slice(0, nameLengthMax))
  if (personProfile !== undefined) facts.personProfile = personProfile
  return facts
}

/** The nearest double: milliseconds are counted, and what is no number is no offset. */
const offsetOf = (value: Json.Json | undefined): number | undefined => {
  if (isNumberText(value)) return Number(value.rawJSON)
  return typeof value === "number" ? value : undefined
}

const payloadKeys = [
  "distinct_id",
  "timestamp",
  "sent_at",
  "offset",
  "properties",
  "$set",
  "$set_once",
  "$unset",
]

const payloadOf = (value: Json.JsonObject, name: string): string => {
  const payload: Record<string, Json.Json> = { event: name }
  for (const key of payloadKeys) {
    const member = Json.get(value, key)
    if (member !== undefined) payload[key] = member
  }
  return JSON.stringify(payload)
}

/**
 * Reads an event as clients send it: `{event, distinct_id, timestamp?, sent_at?, offset?, uuid?,
 * properties?, $set?, $set_once?}`. Calls `uuid` where the event has no valid one; the facts keep
 * an invalid one for the warning (P-table §6).
 */
export const decode = (given: unknown, uuid: () => string): Result.Result<Incoming, Invalid> => {
  if (!Json.isObject(given)) return invalid("event", "a JSON object")
  if (Json.isDeeperThan(given, Json.depthMax)) {
    return invalid("event", `at most ${Json.depthMax} levels of nesting`)
  }
  const name = readName(Json.get(given, "event"))
  if (name === undefined) return invalid("event", "a name that is not empty")
  const payload = payloadOf(given, name)
  if (Json.isClean(payload)) return read(given, name, payload, uuid)
  const cleaned = Json.clean(given)
  if (!Json.isObject(cleaned)) return invalid("event", "a JSON object")
  return read(cleaned, name, payloadOf(cleaned, name), uuid)
}

/** Reads an event after its texts were cleaned. */
const read = (
  value: Json.JsonObject,
  name: string,
  payload: string,
  uuid: () => string,
): Result.Result<Incoming, Invalid> => {
  const id = Json.get(value, "distinct_id")
  const distinctId = DistinctId(id === undefined || id === null ? "" : idText(id))
  if (distinctId === "") return invalid("distinct_id", "a text that is not empty")
  const properties = Json.get(value, "properties") ?? {}
  if (!Json.isObject(properties)) return invalid("properties", "a JSON object")
  const source = sourceValue(name, properties)
  const timestamp = Json.get(value, "timestamp")
  const sentAt = Json.get(value, "sent_at")
  const offset = offsetOf(Json.get(value, "offset"))
  if (offset !== undefined && !Number.isFinite(offset)) {
    return invalid("offset", "a number of milliseconds")
  }
  if (isTooLarge(payload)) return invalid("event", `at most ${bytesMax} bytes of JSON`)
  const event: { -readonly [K in keyof Captured]: Captured[K] } = {
    _tag: "Captured",
    uuid: Uuid.normalised(Json.get(value, "uuid")) ?? uuid(),
    name,
    distinctId,
    facts: readFacts(value, properties, name),
  }
  if (source !== undefined) event.source = DistinctId(idText(source))
  if (timestamp !== undefined && timestamp !== null) event.timestamp = timeText(timestamp)
  if (sentAt !== undefined && sentAt !== null) event.sentAt = timeText(sentAt)
  if (offset !== undefined) event.offset = offset
  return Result.succeed({ payload, event })
}
