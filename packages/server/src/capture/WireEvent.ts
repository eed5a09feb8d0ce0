import { Result } from "effect"
import * as Event from "@onymous/identity/event/Event"
import * as EventDecoder from "@onymous/identity/event/EventDecoder"
import { invalid, type Invalid } from "@onymous/identity/encoding/Invalid"
import * as Json from "@onymous/identity/encoding/Json"
import type { Policy } from "@onymous/identity/policy/Policy"
import type { Turns } from "@onymous/persons/rows/WorkInTurns"
import { v7 } from "uuid"
import type { CaptureBatch } from "./CaptureBody.ts"
import { type CaptureError, invalidField } from "./CaptureError.ts"

/** The year of the rules by which events are read (posthog.md §7.3). */
type Rules = Policy["distinct_id_precedence"]

/** True for what is no id: null and blank texts today, any falsy value in 2022. */
const isBlank = (id: Json.Json | undefined, rules: Rules): boolean => {
  if (id === undefined || id === null) return true
  return (rules === "2022" && !id) || EventDecoder.idText(id).trim() === ""
}

/**
 * The distinct id of an event. In 2022 `$distinct_id` came first, then that of the properties, then the top level;
 * today the top level is first.
 */
const distinctIdOf = (event: Json.JsonObject, rules: Rules): Json.Json | undefined => {
  const properties = Json.get(event, "properties")
  const nested = Json.isObject(properties) ? Json.get(properties, "distinct_id") : undefined
  const [top, dollar] = [Json.get(event, "distinct_id"), Json.get(event, "$distinct_id")]
  const inOrder = rules === "2022" ? [dollar, nested, top] : [top, dollar, nested]
  return inOrder.find((id) => !isBlank(id, rules))
}

/**
 * The time of a request in milliseconds. In 2022 seconds were read, too; today they are no time (P53), because as
 * milliseconds they would be long before PostHog.
 */
const sentAtOf = (given: Json.Json | undefined, rules: Rules): Json.Json | undefined => {
  if (typeof given !== "string" || !/^\d{1,15}$/.test(given)) return given
  const isSeconds = given.length <= 10
  if (isSeconds && rules === "today") return undefined
  return new Date(Number(given) * (isSeconds ? 1000 : 1)).toISOString()
}

/** The event without the request's token, which must not get into the log; any other token is the client's own. */
const withoutToken = (event: Json.JsonObject, token: string): Json.JsonObject => {
  const properties = Json.get(event, "properties")
  if (!Json.isObject(properties) || Json.get(properties, "token") !== token) return event
  const { token: _, ...rest } = properties
  return { ...event, properties: rest }
}

/** The path and the rules by which an event is read. */
interface Door {
  readonly isEngage: boolean
  readonly rules: Rules
}

const normalise = (
  event: Json.JsonObject,
  id: Json.Json,
  { token, sentAt: given }: CaptureBatch,
  { isEngage, rules }: Door,
): Json.JsonObject => {
  const sentAt = sentAtOf(given, rules)
  const result = Json.copyObject(withoutToken(event, token))
  result["distinct_id"] = EventDecoder.idText(id)
  if (isEngage && result["event"] === undefined) result["event"] = "$identify"
  if (result["sent_at"] === undefined && sentAt !== undefined) result["sent_at"] = sentAt
  return result
}

/** True for an event that is silently skipped, as events without a name were in 2022. */
const isSkipped = (event: Json.JsonObject, rules: Rules): boolean =>
  rules === "2022" && Json.get(event, "event") === ""

/** Reads one event; undefined for a skipped one. */
const decodeOne = (
  value: Json.Json,
  batch: CaptureBatch,
  door: Door,
): Result.Result<Event.Incoming | undefined, Invalid> => {
  if (!Json.isObject(value)) return invalid("", "a JSON object")
  if (isSkipped(value, door.rules)) return Result.succeed(undefined)
  const id = distinctIdOf(value, door.rules)
  if (id === undefined) {
    return invalid("distinct_id", "a text that is not blank")
  }
  const uuid = Json.get(value, "uuid")
  const given = uuid === "" ? { ...value, uuid: null } : value
  return EventDecoder.decode(normalise(given, id, batch, door), v7)
}

/** How many events are decoded in one turn. */
const perTurn = 500

/**
 * All events of a batch, or the refusal of the whole batch, which names the event, its field and what was expected. In
 * turns, because a small body may unpack to hundreds of thousands of events.
 */
export const decodeAll = function* (
  batch: CaptureBatch,
  isEngage: boolean,
  rules: Rules = "2022",
): Turns<Result.Result<ReadonlyArray<Event.Incoming>, CaptureError>> {
  const incoming: Array<Event.Incoming> = []
  for (const [index, value] of batch.events.entries()) {
    const decoded = decodeOne(value, batch, { isEngage, rules })
    if (Result.isFailure(decoded)) {
      const path = [batch.nameOf(index), decoded.failure.field].filter(Boolean).join(".")
      return Result.fail(invalidField(path, decoded.failure.expected))
    }
    if (decoded.success !== undefined) incoming.push(decoded.success)
    if (index % perTurn === perTurn - 1) yield
  }
  return Result.succeed(incoming)
}

/** The name in an error of a decoded event of a batch, by its index among the decoded ones. */
export const nameOf = (batch: CaptureBatch, rules: Rules, decoded: number): string => {
  const isKept = (value: Json.Json) => !(Json.isObject(value) && isSkipped(value, rules))
  const indexes = [...batch.events.entries()].flatMap(([at, value]) => (isKept(value) ? [at] : []))
  return batch.nameOf(indexes[decoded] ?? decoded)
}
