import { Result } from "effect"
import { DistinctId, isTooLong } from "./DistinctId.ts"
import * as Event from "./Event.ts"
import { invalid, type Invalid } from "../encoding/Invalid.ts"
import * as Json from "../encoding/Json.ts"
import { isUuid } from "../encoding/Uuid.ts"

/** What may be asked by hand; the names are those of PostHog's API where it has them (posthog.md §8). */
export const names = [
  "persons.split",
  "persons.delete",
  "persons.merge",
  "persons.patch",
  "persons.delete_property",
  "events.retract",
] as const

export type Name = (typeof names)[number]

type Read<A> = Result.Result<A, Invalid>

const readId = (body: Json.JsonObject, field: string): Read<DistinctId> => {
  const value = Json.get(body, field)
  if (typeof value !== "string" || value === "") return invalid(field, "a distinct id")
  const id = DistinctId(value)
  return isTooLong(id) ? invalid(field, "at most 2000 bytes") : Result.succeed(id)
}

const readOptionalId = (body: Json.JsonObject, field: string): Read<DistinctId | undefined> =>
  (Json.get(body, field) ?? null) === null ? Result.succeed(undefined) : readId(body, field)

const readIds = (
  body: Json.JsonObject,
  field: string,
): Read<ReadonlyArray<DistinctId> | undefined> => {
  const value = Json.get(body, field) ?? null
  if (value === null) return Result.succeed(undefined)
  return Array.isArray(value) && value.length > 0 && value.every((id) => typeof id === "string")
    ? Result.succeed(value.map((id) => DistinctId(id)))
    : invalid(field, "a list of distinct ids")
}

const readText = (body: Json.JsonObject, field: string): Read<string | undefined> => {
  const value = Json.get(body, field) ?? null
  if (value === null) return Result.succeed(undefined)
  return typeof value === "string" && value.trim() !== ""
    ? Result.succeed(Json.cleanText(value))
    : invalid(field, "a text that is not blank")
}

/** The keys of a command's properties to be deleted: PostHog's name for them, or a plain one. */
const readKeys = (body: Json.JsonObject): Read<ReadonlyArray<string>> => {
  const value = Json.get(body, "$unset") ?? Json.get(body, "property") ?? Json.get(body, "key")
  const keys = typeof value === "string" ? [value] : value
  return Array.isArray(keys) && keys.length > 0 && keys.every((key) => typeof key === "string")
    ? Result.succeed(keys.map((key) => Json.cleanText(String(key))))
    : invalid("$unset", "a property's name, or a list of names")
}

const readProperties = (body: Json.JsonObject): Read<Json.JsonObject> => {
  const value = Json.get(body, "properties") ?? Json.get(body, "$set")
  return Json.isObject(value) ? Result.succeed(value) : invalid("properties", "a JSON object")
}

const operationOf = (name: Name, body: Json.JsonObject, uuid: string): Read<Event.Operation> =>
  Result.gen(function* () {
    const distinctId = yield* readId(body, "distinct_id")
    const by = yield* readText(body, "by")
    const reason = yield* readText(body, "reason")
    const own = { uuid, distinctId, ...(by && { by }), ...(reason && { reason }) }
    switch (name) {
      case "persons.delete":
        return { _tag: "PersonDeleted" as const, ...own }
      case "persons.patch":
        return { _tag: "PersonEdited" as const, ...own, set: yield* readProperties(body) }
      case "persons.delete_property":
        return { _tag: "PersonEdited" as const, ...own, unset: yield* readKeys(body) }
      case "persons.merge": {
        const source = yield* readId(body, "alias")
        if (source === distinctId) return yield* invalid("alias", "another id than distinct_id")
        if (by === undefined) return yield* invalid("by", "who merges")
        if (reason === undefined) return yield* invalid("reason", "why they are one person")
        return { _tag: "PersonsMerged" as const, ...own, source }
      }
      case "events.retract": {
        const wanted = yield* decodeRetraction(body)
        const source = yield* readOptionalId(body, "alias")
        const named = { ...own, ...(source !== undefined && { source }) }
        return { _tag: "Retracted" as const, ...named, ...wanted }
      }
      case "persons.split": {
        const mainDistinctId = yield* readOptionalId(body, "main_distinct_id")
        const only = yield* readIds(body, "distinct_ids_to_split")
        return {
          _tag: "PersonSplit" as const,
          ...own,
          ...(mainDistinctId !== undefined && { mainDistinctId }),
          ...(only && { only }),
        }
      }
    }
  })

const own: Record<Name, ReadonlyArray<string>> = {
  "persons.split": ["main_distinct_id", "distinct_ids_to_split"],
  "persons.delete": [],
  "persons.merge": ["alias"],
  "persons.patch": ["properties", "$set"],
  "persons.delete_property": ["$unset", "property", "key"],
  "events.retract": ["event_uuid"],
}

/** Refuses a field that a command does not have: a slip of the pen would ask for something else. */
export const known = (name: Name, body: Json.JsonObject): Read<Json.JsonObject> => {
  const fields = new Set(["api", "distinct_id", "by", "reason", ...own[name]])
  const unknown = Object.keys(body).find((field) => !fields.has(field))
  return unknown === undefined ? Result.succeed(body) : invalid(unknown, "no such field")
}

/** Which event is to be undone, who wants that, and why. */
export interface Retraction {
  readonly eventUuid: string
  readonly by: string
  readonly reason: string
}

/** Reads what a retraction has to tell, `{event_uuid, by, reason}`; what is wrong is told by its field. */
export const decodeRetraction = (body: Json.JsonObject): Read<Retraction> =>
  Result.gen(function* () {
    const eventUuid = Json.get(body, "event_uuid")
    if (!isUuid(eventUuid)) return yield* invalid("event_uuid", "the uuid of an event")
    const by = yield* readText(body, "by")
    if (by === undefined) return yield* invalid("by", "who retracts")
    const reason = yield* readText(body, "reason")
    if (reason === undefined) return yield* invalid("reason", "why it is retracted")
    return { eventUuid: eventUuid.toLowerCase(), by, reason }
  })

/** The JSON of an operation, which `decode` reads back. */
export const encode = (operation: Event.Operation): Json.JsonObject => {
  const { distinctId, by, reason } = operation
  const common = { distinct_id: distinctId, ...(by && { by }), ...(reason && { reason }) }
  switch (operation._tag) {
    case "PersonDeleted":
      return { api: "persons.delete", ...common }
    case "PersonEdited":
      return operation.set === undefined
        ? { api: "persons.delete_property", ...common, $unset: operation.unset ?? [] }
        : { api: "persons.patch", ...common, properties: operation.set }
    case "PersonsMerged":
      return { api: "persons.merge", ...common, alias: operation.source }
    case "Retracted":
      return {
        api: "events.retract",
        ...common,
        event_uuid: operation.eventUuid,
        ...(operation.source && { alias: operation.source }),
      }
    case "PersonSplit":
      return {
        api: "persons.split",
        ...common,
        ...(operation.mainDistinctId && { main_distinct_id: operation.mainDistinctId }),
        ...(operation.only && { distinct_ids_to_split: operation.only }),
      }
  }
}

/** Reads a command, `{api, distinct_id, …}`, as the fact that it makes; what is wrong is told by its field. */
export const decode = (given: Json.JsonObject, uuid: string): Read<Event.Operation> => {
  if (Json.isDeeperThan(given, Json.depthMax)) {
    return invalid("body", `at most ${Json.depthMax} levels of nesting`)
  }
  const cleaned = Json.clean(given)
  const body = Json.isObject(cleaned) ? cleaned : given
  const name = names.find((each) => each === Json.get(body, "api"))
  return name === undefined ? invalid("api", names.join(", ")) : operationOf(name, body, uuid)
}
