import { Result } from "effect"
import { DistinctId, isTooLong } from "./DistinctId.ts"
import * as Json from "../encoding/Json.ts"
import type { PolicyChange } from "../policy/Policy.ts"
import type { Position } from "./Position.ts"
import * as PropertyMapping from "../rules/PropertyMapping.ts"
import { isUuid } from "../encoding/Uuid.ts"

/** What identity needs of an event beside its name and ids: read off the payload once, at the door. */
export interface Facts {
  readonly set?: Json.JsonObject
  readonly setOnce?: Json.JsonObject
  readonly unset?: ReadonlyArray<string>
  /** The keys of an `$unset` that is an object (P26). */
  readonly unsetKeys?: ReadonlyArray<string>
  /** Event properties that a policy may copy to the person (P30). */
  readonly mapped?: Json.JsonObject
  /** `$anon_distinct_id` was given, but falsy: policies differ on it (P1). */
  readonly emptySource?: true
  readonly ignoreSentAt?: true
  /** The uuid as given, where it is not one. */
  readonly invalidUuid?: Json.Json
  /** Read by the buffer's rules (P45). */
  readonly isDevice?: true
  readonly lib?: string
  /** `$process_person_profile` as given (P39). */
  readonly personProfile?: Json.Json
}

/** An event as a client reported it, without the properties that identity never looks at. */
export interface Captured {
  readonly _tag: "Captured"
  readonly uuid: string
  readonly name: string
  readonly distinctId: DistinctId
  /** The id to be merged into `distinctId` (SPEC §2). */
  readonly source?: DistinctId
  /** ISO 8601 as given; read by the policy's timestamp rules (P50). */
  readonly timestamp?: string
  readonly sentAt?: string
  /** Milliseconds before `recordedAt` (P51). */
  readonly offset?: number
  readonly facts: Facts
}

/** The project's rules were changed, from here on. */
export interface PolicyChanged {
  readonly _tag: "PolicyChanged"
  readonly uuid: string
  readonly change: PolicyChange
}

/** Time passed, and something was due (SPEC §4). */
export interface Ticked {
  readonly _tag: "Ticked"
  readonly uuid: string
}

/** Who did something by hand, and why. */
interface ByOperator {
  readonly uuid: string
  readonly distinctId: DistinctId
  readonly by?: string
  readonly reason?: string
}

/** The distinct ids of a person were made persons of their own (P56). */
export interface PersonSplit extends ByOperator {
  readonly _tag: "PersonSplit"
  /** The id that keeps the person; default: the first. */
  readonly mainDistinctId?: DistinctId
  /** The ids that leave; default: all but the main one. */
  readonly only?: ReadonlyArray<DistinctId>
}

/** A person was deleted (P55). */
export interface PersonDeleted extends ByOperator {
  readonly _tag: "PersonDeleted"
}

/** A person's properties were changed by hand (P57). */
export interface PersonEdited extends ByOperator {
  readonly _tag: "PersonEdited"
  readonly set?: Json.JsonObject
  readonly unset?: ReadonlyArray<string>
}

/** Two persons were made one on purpose, whatever is identified (SPEC §8). */
export interface PersonsMerged extends ByOperator {
  readonly _tag: "PersonsMerged"
  readonly source: DistinctId
}

/**
 * The effect of an event was undone by hand, from here on (SPEC §8). The ids are those that the event
 * names, or the event whose retraction is undone: what is to be folded again is found by them.
 */
export interface Retracted extends ByOperator {
  readonly _tag: "Retracted"
  readonly eventUuid: string
  readonly source?: DistinctId
}

/** What an operator does to persons. */
export type Operation = PersonSplit | PersonDeleted | PersonEdited | PersonsMerged | Retracted

/** An immutable fact. */
export type Event = Captured | PolicyChanged | Ticked | Operation

/** An event with its place in the log and the time, in epoch milliseconds, at which the log took it. */
export interface Recorded {
  readonly position: Position
  readonly recordedAt: number
  readonly event: Event
}

/** An event on its way to the log, with its whole payload as JSON text. */
export interface Incoming {
  readonly event: Event
  readonly payload: string
  /** Stands for the log's clock, in epoch milliseconds, where a file tells the time. */
  readonly recordedAt?: number
}

/** Why a value is not an event: the field, and what was expected there. */
export interface Invalid {
  readonly field: string
  readonly expected: string
}

const invalid = (field: string, expected: string) => Result.fail<Invalid>({ field, expected })

/** The most that one event may take, in UTF-8 bytes of JSON (posthog.md §7.4). */
export const bytesMax = 1_048_576

const isTooLarge = (payload: string): boolean =>
  payload.length * 3 > bytesMax && new TextEncoder().encode(payload).length > bytesMax

/** The longest event name in characters; longer ones are cut (posthog.md §7.3). */
export const nameLengthMax = 200

const readName = (value: unknown): string | undefined => {
  if (value === undefined || value === null || value === "") return undefined
  const name = typeof value === "string" ? value : JSON.stringify(value)
  return Json.cleanText(name.slice(0, nameLengthMax))
}

/** The text of an id that came as any JSON value, as JavaScript's `String` gives it. */
export const idText = (value: unknown): string => {
  if (Array.isArray(value))
    return value.map((item) => (item === null ? "" : idText(item))).join(",")
  return typeof value === "object" && value !== null ? "[object Object]" : String(value)
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

const sourceValue = (name: string, properties: Json.JsonObject): Json.Json | undefined => {
  if (name === "$identify") return Json.get(properties, "$anon_distinct_id")
  if (name !== "$create_alias" && name !== "$merge_dangerously") return undefined
  return Json.get(properties, "alias") || undefined
}

const readFacts = (value: Json.JsonObject, properties: Json.JsonObject, name: string): Facts => {
  const set = merged(objectAt(properties, "$set"), objectAt(value, "$set"))
  const setOnce = merged(objectAt(properties, "$set_once"), objectAt(value, "$set_once"))
  const unset = Json.get(properties, "$unset")
  const mapped = name === "$snapshot" ? undefined : PropertyMapping.pick(properties)
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
  if (Json.get(properties, "$ignore_sent_at")) facts.ignoreSentAt = true
  if (uuid !== undefined && uuid !== null && !isUuid(uuid)) facts.invalidUuid = Json.clean(uuid)
  if (device !== undefined && device === Json.get(value, "distinct_id")) facts.isDevice = true
  if (typeof lib === "string") facts.lib = lib.slice(0, nameLengthMax)
  if (personProfile !== undefined) facts.personProfile = personProfile
  return facts
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
 * properties?, $set?, $set_once?}`. `uuid` is called for one where the event brings none that is
 * valid; an invalid one is kept in the facts, for the warning (P-table §6).
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

/** Reads an event whose texts are clean. */
const read = (
  value: Json.JsonObject,
  name: string,
  payload: string,
  uuid: () => string,
): Result.Result<Incoming, Invalid> => {
  const id = Json.get(value, "distinct_id")
  const distinctId = DistinctId(id === undefined || id === null ? "" : idText(id))
  if (distinctId === "") return invalid("distinct_id", "a text that is not empty")
  if (isTooLong(distinctId)) return invalid("distinct_id", "at most 2000 bytes")
  const properties = Json.get(value, "properties") ?? {}
  if (!Json.isObject(properties)) return invalid("properties", "a JSON object")
  const source = sourceValue(name, properties)
  if (source !== undefined && isTooLong(idText(source))) {
    return invalid(
      `properties.${name === "$identify" ? "$anon_distinct_id" : "alias"}`,
      "at most 2000 bytes",
    )
  }
  const timestamp = Json.get(value, "timestamp")
  const sentAt = Json.get(value, "sent_at")
  const offset = Json.get(value, "offset")
  const givenUuid = Json.get(value, "uuid")
  if (isTooLarge(payload)) return invalid("event", `at most ${bytesMax} bytes of JSON`)
  const event: { -readonly [K in keyof Captured]: Captured[K] } = {
    _tag: "Captured",
    uuid: isUuid(givenUuid) ? givenUuid.toLowerCase() : uuid(),
    name,
    distinctId,
    facts: readFacts(value, properties, name),
  }
  if (source !== undefined) event.source = DistinctId(idText(source))
  if (timestamp !== undefined && timestamp !== null) event.timestamp = idText(timestamp)
  if (sentAt !== undefined && sentAt !== null) event.sentAt = idText(sentAt)
  if (typeof offset === "number") event.offset = offset
  return Result.succeed({ payload, event })
}
