import { Schema } from "effect"
import { randomUUID } from "node:crypto"
import * as Event from "@onymous/identity/event/Event"
import * as EventDecoder from "@onymous/identity/event/EventDecoder"
import type { JsonObject } from "@onymous/identity/encoding/Json"
import { isUuid } from "@onymous/identity/encoding/Uuid"
import { told } from "@onymous/identity/encoding/JsonField"
import * as Shape from "./InputShape.ts"
import { InvalidInput } from "../errors/InvalidInput.ts"

/** An event as a backend reports it. */
export interface CaptureInput {
  readonly distinctId: string
  readonly event: string
  /** May nest `$set`, `$set_once` and `$unset`. */
  readonly properties?: JsonObject
  /** Default: now. */
  readonly timestamp?: Date
  /** Two events with one uuid are one event. Default: a new uuid. */
  readonly uuid?: string
}

/**
 * Identifies an anonymous id as a user, and sets the user's properties. In place of the other fields,
 * `properties` takes what posthog-node's `identify` takes.
 */
export interface IdentifyInput {
  readonly distinctId: string
  readonly anonymousId?: string
  readonly set?: JsonObject
  readonly setOnce?: JsonObject
  /** `$anon_distinct_id`, `$set` and `$set_once`; without `$set`, all others are set. */
  readonly properties?: JsonObject
  /** Two events with one uuid are one event. Default: a new uuid. */
  readonly uuid?: string
}

/** Makes `alias` another name of `distinctId`. */
export interface AliasInput {
  readonly distinctId: string
  readonly alias: string
  /** Two events with one uuid are one event. Default: a new uuid. */
  readonly uuid?: string
}

const optional = Schema.optional

const uuid = optional(told(Schema.String, "a UUID", (value): value is string => isUuid(value)))

const checkCapture = Shape.checkOf({
  distinctId: Shape.id,
  event: Shape.text,
  properties: optional(Shape.object),
  timestamp: optional(Shape.date),
  uuid,
})

const checkIdentify = Shape.checkOf({
  distinctId: Shape.id,
  anonymousId: optional(Shape.text),
  set: optional(Shape.object),
  setOnce: optional(Shape.object),
  properties: optional(Shape.object),
  uuid,
})

const checkAlias = Shape.checkOf({ distinctId: Shape.id, alias: Shape.text, uuid })

/** The event of an input; throws `InvalidInput`. */
export const toEvent = (input: CaptureInput): Event.Incoming => {
  checkCapture(input)
  const { distinctId, event, properties, timestamp = new Date(), uuid } = input
  const wire = {
    event,
    distinct_id: distinctId,
    properties: Shape.toJson(properties, "properties"),
    timestamp: timestamp.toISOString(),
    ...(uuid !== undefined && { uuid }),
  }
  const names = { distinct_id: "distinctId" }
  return Shape.orThrow(EventDecoder.decode(wire, randomUUID), names)
}

/** The `$identify` of an input; throws `InvalidInput`. */
export const toIdentify = (input: IdentifyInput): CaptureInput => {
  checkIdentify(input)
  const { distinctId, anonymousId, set, setOnce, properties, uuid } = input
  if (properties !== undefined && (anonymousId ?? set ?? setOnce) !== undefined) {
    const expected = "none beside anonymousId, set or setOnce"
    throw new InvalidInput({ field: "properties", expected })
  }
  return {
    distinctId,
    event: "$identify",
    properties: properties === undefined ? ownWords(anonymousId, set, setOnce) : asSent(properties),
    ...(uuid !== undefined && { uuid }),
  }
}

const ownWords = (anonymousId?: string, set?: JsonObject, setOnce?: JsonObject): JsonObject => ({
  ...(anonymousId !== undefined && { $anon_distinct_id: anonymousId }),
  ...(set !== undefined && { $set: set }),
  ...(setOnce !== undefined && { $set_once: setOnce }),
})

const ofPosthog = ["$anon_distinct_id", "$set", "$set_once", "$unset"] as const

/** The properties that posthog-node sends for those that it is given; throws where it would drop some. */
const asSent = (properties: JsonObject): JsonObject => {
  const known = Object.entries(properties).filter(([key]) => ofPosthog.some((name) => name === key))
  const rest = Object.entries(properties).filter(([key]) => !ofPosthog.some((name) => name === key))
  const [other] = rest
  if (properties["$set"] !== undefined && other !== undefined) {
    const expected = `none beside $set but ${ofPosthog.join(", ")}`
    throw new InvalidInput({ field: `properties.${other[0]}`, expected })
  }
  return {
    ...(rest.length > 0 && { $set: Object.fromEntries(rest) }),
    ...Object.fromEntries(known),
  }
}

/** The `$create_alias` of an input; throws `InvalidInput`. */
export const toAlias = (input: AliasInput): CaptureInput => {
  checkAlias(input)
  const { distinctId, alias, uuid } = input
  return {
    distinctId,
    event: "$create_alias",
    properties: { alias },
    ...(uuid !== undefined && { uuid }),
  }
}
