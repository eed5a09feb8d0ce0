import { Result, Schema, Struct } from "effect"
import * as CommandFields from "./CommandFields.ts"
import { DistinctId } from "./DistinctId.ts"
import { invalid, type Invalid } from "../encoding/Invalid.ts"
import { ofSchema } from "../schema/SchemaInvalid.ts"
import * as Json from "../encoding/Json.ts"
import { JsonObject } from "../encoding/JsonField.ts"
import * as Uuid from "../encoding/Uuid.ts"

/** The operator who acts, the reason, and the distinct id of the person. */
interface ByOperator {
  readonly uuid: string
  readonly distinctId: DistinctId
  readonly by?: string
  readonly reason?: string
}

/** An operator moved distinct ids of a person to new persons of their own (P56). */
export interface PersonSplit extends ByOperator {
  readonly _tag: "PersonSplit"
  /** The id that keeps the person; default: the first. */
  readonly mainDistinctId?: DistinctId
  /** The ids that leave; default: all but the main one. */
  readonly only?: ReadonlyArray<DistinctId>
}

/** An operator deleted a person (P55). */
export interface PersonDeleted extends ByOperator {
  readonly _tag: "PersonDeleted"
}

/** An operator changed a person's properties (P57). */
export interface PersonEdited extends ByOperator {
  readonly _tag: "PersonEdited"
  readonly set?: Json.JsonObject
  readonly unset?: ReadonlyArray<string>
}

/** An operator merged two persons, even if both are identified (SPEC §8). */
export interface PersonsMerged extends ByOperator {
  readonly _tag: "PersonsMerged"
  readonly source: DistinctId
}

/**
 * An operator undid the effect of an event, from this position on (SPEC §8). The ids are those of
 * that event, or of the event whose retraction it undoes: they lead to the cones to fold again.
 */
export interface Retracted extends ByOperator {
  readonly _tag: "Retracted"
  readonly eventUuid: string
  readonly source?: DistinctId
}

/** An operator's act on persons, as a fact in the log. */
export type Operation = PersonSplit | PersonDeleted | PersonEdited | PersonsMerged | Retracted

type Read<A> = Result.Result<A, Invalid>

// Not taken apart by its braces: then a bundle would hold the whole of Schema.
const optionalKey = Schema.optionalKey

const byOperator = {
  distinct_id: CommandFields.Id,
  by: optionalKey(CommandFields.Text),
  reason: optionalKey(CommandFields.Text),
}

/** The fields that every body shares. */
type Common = Schema.Struct.Type<typeof byOperator>

/**
 * An operator's act: the body that asks for it, the fact that the log takes, and the way back to a
 * body.
 */
export interface Act<Body> {
  readonly body: Schema.Codec<Body, unknown>
  readonly fact: (body: Body, uuid: string) => Operation
  /**
   * The body of a fact, without `distinct_id`, `by` and `reason`; undefined for the fact of another
   * act.
   */
  readonly bodyOf: (operation: Operation) => Json.JsonObject | undefined
  readonly decode: (given: unknown, uuid: string) => Read<Operation>
}

const act = <Body extends Common>(definition: {
  readonly body: Schema.Codec<Body, unknown>
  readonly fact: (body: Body, common: ByOperator) => Operation
  readonly bodyOf: Act<Body>["bodyOf"]
}): Act<Body> => {
  const body = CommandFields.nullable(definition.body)
  const decodeBody = Schema.decodeUnknownResult(body)
  const fact = (given: Body, uuid: string) => {
    const { distinct_id, by, reason } = given
    const distinctId = DistinctId(distinct_id)
    return definition.fact(given, {
      uuid,
      distinctId,
      ...(by && { by }),
      ...(reason && { reason }),
    })
  }
  return {
    body,
    fact,
    bodyOf: definition.bodyOf,
    decode: (given, uuid) =>
      Result.mapBoth(decodeBody(given), {
        onFailure: (error) => ofSchema(error, "body"),
        onSuccess: (read) => fact(read, uuid),
      }),
  }
}

/** The fields of a retraction. */
const retractionFields = {
  event_uuid: CommandFields.EventUuid,
  by: CommandFields.textThat("who retracts"),
  reason: CommandFields.textThat("why it is retracted"),
}

/** Every act by its API name; PostHog's name where PostHog has the act (posthog.md §8). */
export const acts = {
  "persons.split": act({
    body: CommandFields.of({
      ...byOperator,
      main_distinct_id: optionalKey(CommandFields.Id),
      distinct_ids_to_split: optionalKey(CommandFields.Ids),
    }),
    fact: ({ main_distinct_id: main, distinct_ids_to_split: only }, common) => ({
      _tag: "PersonSplit",
      ...common,
      ...(main !== undefined && { mainDistinctId: DistinctId(main) }),
      ...(only && { only: only.map(DistinctId) }),
    }),
    bodyOf: (operation) =>
      operation._tag === "PersonSplit"
        ? {
            ...(operation.mainDistinctId && { main_distinct_id: operation.mainDistinctId }),
            ...(operation.only && { distinct_ids_to_split: operation.only }),
          }
        : undefined,
  }),
  "persons.delete": act({
    body: CommandFields.of(byOperator),
    fact: (_, common) => ({ _tag: "PersonDeleted", ...common }),
    bodyOf: ({ _tag }) => (_tag === "PersonDeleted" ? {} : undefined),
  }),
  "persons.merge": act({
    body: CommandFields.of({
      distinct_id: CommandFields.Id,
      alias: CommandFields.Id,
      by: CommandFields.textThat("who merges"),
      reason: CommandFields.textThat("why they are one person"),
    }).check(
      Schema.makeFilter(({ alias, distinct_id }) =>
        alias === distinct_id
          ? { path: ["alias"], issue: "another id than distinct_id" }
          : undefined,
      ),
    ),
    fact: ({ alias }, common) => ({
      _tag: "PersonsMerged",
      ...common,
      source: DistinctId(alias),
    }),
    bodyOf: (operation) =>
      operation._tag === "PersonsMerged" ? { alias: operation.source } : undefined,
  }),
  "persons.patch": act({
    body: CommandFields.of({
      ...byOperator,
      properties: optionalKey(JsonObject),
      $set: optionalKey(JsonObject),
      $unset: optionalKey(CommandFields.Keys),
    }).check(
      Schema.makeFilter(({ properties, $set }) =>
        (properties ?? $set) === undefined
          ? { path: ["properties"], issue: "a JSON object" }
          : undefined,
      ),
    ),
    fact: ({ properties, $set = {}, $unset }, common) => ({
      _tag: "PersonEdited",
      ...common,
      set: properties ?? $set,
      ...($unset !== undefined && { unset: [$unset].flat() }),
    }),
    bodyOf: (operation) =>
      operation._tag === "PersonEdited" && operation.set !== undefined
        ? { properties: operation.set, ...(operation.unset && { $unset: operation.unset }) }
        : undefined,
  }),
  "persons.delete_property": act({
    body: CommandFields.of({
      ...byOperator,
      $unset: optionalKey(CommandFields.Keys),
      property: optionalKey(CommandFields.Keys),
      key: optionalKey(CommandFields.Keys),
    }).check(
      Schema.makeFilter(({ $unset, property, key }) =>
        ($unset ?? property ?? key) === undefined
          ? { path: ["$unset"], issue: "a property's name, or a list of names" }
          : undefined,
      ),
    ),
    fact: ({ $unset, property, key }, common) => ({
      _tag: "PersonEdited",
      ...common,
      unset: [$unset ?? property ?? key ?? []].flat(),
    }),
    bodyOf: (operation) =>
      operation._tag === "PersonEdited" && operation.set === undefined
        ? { $unset: operation.unset ?? [] }
        : undefined,
  }),
  "events.retract": act({
    body: CommandFields.of({
      distinct_id: CommandFields.Id,
      ...retractionFields,
      alias: optionalKey(CommandFields.Id),
    }),
    fact: ({ alias, ...body }, common) => ({
      _tag: "Retracted",
      ...common,
      ...(alias !== undefined && { source: DistinctId(alias) }),
      ...retractionOf(body),
    }),
    bodyOf: (operation) =>
      operation._tag === "Retracted"
        ? {
            event_uuid: operation.eventUuid,
            ...(operation.source && { alias: operation.source }),
          }
        : undefined,
  }),
}

export type Name = keyof typeof acts

/** The names of all acts. */
export const names = Struct.keys(acts)

/** Asks for a retraction; the log knows the ids of the event. */
export const RetractionBody = CommandFields.nullable(CommandFields.of(retractionFields))

/** Asks for the effect of a retraction, before anybody has a reason for it. */
export const PreviewBody = CommandFields.nullable(
  CommandFields.of({
    event_uuid: retractionFields.event_uuid,
    by: byOperator.by,
    reason: byOperator.reason,
  }),
)

/** The event to undo, the operator and the reason. */
export interface Retraction {
  readonly eventUuid: string
  readonly by: string
  readonly reason: string
}

export const retractionOf = (body: typeof RetractionBody.Type): Retraction => ({
  eventUuid: Uuid.normalised(body.event_uuid) ?? body.event_uuid,
  by: body.by,
  reason: body.reason,
})

const decodeBody = Schema.decodeUnknownResult(RetractionBody)

/** Reads `{event_uuid, by, reason}`; the error names the field that is wrong. */
export const decodeRetraction = (given: Json.JsonObject): Read<Retraction> =>
  Result.mapBoth(decodeBody(Json.clean(given)), {
    onFailure: (error) => ofSchema(error, "body"),
    onSuccess: retractionOf,
  })

/** The JSON of an operation; `decode` reads it back. */
export const encode = (operation: Operation): Json.JsonObject => {
  const { distinctId, by, reason } = operation
  const common = { distinct_id: distinctId, ...(by && { by }), ...(reason && { reason }) }
  for (const api of names) {
    const body = acts[api].bodyOf(operation)
    if (body !== undefined) return { api, ...common, ...body }
  }
  throw new Error(`No act makes ${operation._tag}.`)
}

/**
 * Reads a command, `{api, distinct_id, …}`, into its fact; the error names the field that is wrong.
 */
export const decode = (given: Json.JsonObject, uuid: string): Read<Operation> => {
  if (Json.isDeeperThan(given, Json.depthMax)) {
    return invalid("body", `at most ${Json.depthMax} levels of nesting`)
  }
  const name = names.find((each) => each === Json.get(given, "api"))
  return name === undefined
    ? invalid("api", names.join(", "))
    : acts[name].decode(Json.clean(given), uuid)
}
