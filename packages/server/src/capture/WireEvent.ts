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

/** Of which year the door's rules are (posthog.md §7.3). */
type Rules = Policy["distinct_id_precedence"]

/** Today null and blank texts are no ids; in 2022 whatever is falsy was none. */
const isBlank = (id: Json.Json | undefined, rules: Rules): boolean => {
  if (id === undefined || id === null) return true
  return (rules === "2022" && !id) || EventDecoder.idText(id).trim() === ""
}

/** In 2022, `$distinct_id` came before the properties' one, and the top level last; today it is first. */
const distinctIdOf = (event: Json.JsonObject, rules: Rules): Json.Json | undefined => {
  const properties = Json.get(event, "properties")
  const nested = Json.isObject(properties) ? Json.get(properties, "distinct_id") : undefined
  const [top, dollar] = [Json.get(event, "distinct_id"), Json.get(event, "$distinct_id")]
  const inOrder = rules === "2022" ? [dollar, nested, top] : [top, dollar, nested]
  return inOrder.find((id) => !isBlank(id, rules))
}

/**
 * A time of the request in milliseconds; in 2022 also in seconds, which are years before there was
 * PostHog today, and no time at all (P53).
 */
const sentAtOf = (given: Json.Json | undefined, rules: Rules): Json.Json | undefined => {
  if (typeof given !== "string" || !/^\d{1,15}$/.test(given)) return given
  const isSeconds = given.length <= 10
  if (isSeconds && rules === "today") return undefined
  return new Date(Number(given) * (isSeconds ? 1000 : 1)).toISOString()
}

/** Without the request's token, which has no place in the log; another one is the client's own. */
const withoutToken = (event: Json.JsonObject, token: string): Json.JsonObject => {
  const properties = Json.get(event, "properties")
  if (!Json.isObject(properties) || Json.get(properties, "token") !== token) return event
  const { token: _, ...rest } = properties
  return { ...event, properties: rest }
}

/** Where and by which rules an event came in. */
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

/** True for an event that is skipped without a word, as those of no name were in 2022. */
const isSkipped = (event: Json.JsonObject, rules: Rules): boolean =>
  rules === "2022" && Json.get(event, "event") === ""

/** Reads one event; undefined for one that is skipped. */
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
 * All events of a batch, or why the whole of it is refused: the event, its field, what was expected. In turns,
 * because a small body may unpack to hundreds of thousands.
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

/** How an error names one of the events that were decoded of a batch. */
export const nameOf = (batch: CaptureBatch, rules: Rules, decoded: number): string => {
  const isKept = (value: Json.Json) => !(Json.isObject(value) && isSkipped(value, rules))
  const indexes = [...batch.events.entries()].flatMap(([at, value]) => (isKept(value) ? [at] : []))
  return batch.nameOf(indexes[decoded] ?? decoded)
}
