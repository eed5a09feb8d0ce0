import { Result, Schema, Struct } from "effect"
import * as CommandFields from "./CommandFields.ts"
import { DistinctId } from "./DistinctId.ts"
import { invalid, type Invalid, ofSchema } from "../encoding/Invalid.ts"
import * as Json from "../encoding/Json.ts"
import { JsonObject } from "../encoding/JsonField.ts"

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

type Read<A> = Result.Result<A, Invalid>

const { optionalKey } = Schema

const byOperator = {
  distinct_id: CommandFields.Id,
  by: optionalKey(CommandFields.Text),
  reason: optionalKey(CommandFields.Text),
}

/** Who is asked to do what to whom, as every body says it. */
type Common = Schema.Struct.Type<typeof byOperator>

/** What an operator may do: the body that asks for it, the fact that comes of it, and the body of such a fact. */
export interface Act<Body> {
  readonly body: Schema.Codec<Body, unknown>
  readonly fact: (body: Body, uuid: string) => Operation
  /** What the body of a fact says beside `distinct_id`, `by` and `reason`; none of another act's fact. */
  readonly bodyOf: (operation: Operation) => Json.JsonObject | undefined
  readonly decode: (given: unknown, uuid: string) => Read<Operation>
}

const act = <Body extends Common>(described: {
  readonly body: Schema.Codec<Body, unknown>
  readonly fact: (body: Body, common: ByOperator) => Operation
  readonly bodyOf: Act<Body>["bodyOf"]
}): Act<Body> => {
  const body = CommandFields.nullable(described.body)
  const decodeBody = Schema.decodeUnknownResult(body)
  const fact = (given: Body, uuid: string) => {
    const { distinct_id, by, reason } = given
    const distinctId = DistinctId(distinct_id)
    return described.fact(given, { uuid, distinctId, ...(by && { by }), ...(reason && { reason }) })
  }
  return {
    body,
    fact,
    bodyOf: described.bodyOf,
    decode: (given, uuid) =>
      Result.mapBoth(decodeBody(given), {
        onFailure: (error) => ofSchema(error, "body"),
        onSuccess: (read) => fact(read, uuid),
      }),
  }
}

/** What an event is retracted by: which one, who wants that, and why. */
const retracting = {
  event_uuid: CommandFields.EventUuid,
  by: CommandFields.textThat("who retracts"),
  reason: CommandFields.textThat("why it is retracted"),
}

/** Every act by its name, which is that of PostHog's API where it has one (posthog.md §8). */
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
    }).check(
      Schema.makeFilter(({ properties, $set }) =>
        (properties ?? $set) === undefined
          ? { path: ["properties"], issue: "a JSON object" }
          : undefined,
      ),
    ),
    fact: ({ properties, $set = {} }, common) => ({
      _tag: "PersonEdited",
      ...common,
      set: properties ?? $set,
    }),
    bodyOf: (operation) =>
      operation._tag === "PersonEdited" && operation.set !== undefined
        ? { properties: operation.set }
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
      ...retracting,
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

/** What may be asked by hand. */
export const names = Struct.keys(acts)

/** Asks for a retraction, of whomever the event is about. */
export const RetractionBody = CommandFields.nullable(CommandFields.of(retracting))

/** Asks what a retraction would change: nobody has to say who would want it, and why. */
export const PreviewBody = CommandFields.nullable(
  CommandFields.of({
    event_uuid: retracting.event_uuid,
    by: byOperator.by,
    reason: byOperator.reason,
  }),
)

/** Which event is to be undone, who wants that, and why. */
export interface Retraction {
  readonly eventUuid: string
  readonly by: string
  readonly reason: string
}

/** The retraction that a body asks for. */
export const retractionOf = (body: typeof RetractionBody.Type): Retraction => ({
  eventUuid: body.event_uuid.toLowerCase(),
  by: body.by,
  reason: body.reason,
})

const decodeBody = Schema.decodeUnknownResult(RetractionBody)

/** Reads what a retraction has to tell, `{event_uuid, by, reason}`; what is wrong is told by its field. */
export const decodeRetraction = (given: Json.JsonObject): Read<Retraction> =>
  Result.mapBoth(decodeBody(Json.clean(given)), {
    onFailure: (error) => ofSchema(error, "body"),
    onSuccess: retractionOf,
  })

/** The JSON of an operation, which `decode` reads back. */
export const encode = (operation: Operation): Json.JsonObject => {
  const { distinctId, by, reason } = operation
  const common = { distinct_id: distinctId, ...(by && { by }), ...(reason && { reason }) }
  for (const api of names) {
    const body = acts[api].bodyOf(operation)
    if (body !== undefined) return { api, ...common, ...body }
  }
  throw new Error(`No act makes ${operation._tag}.`)
}

/** Reads a command, `{api, distinct_id, …}`, as the fact that it makes; what is wrong is told by its field. */
export const decode = (given: Json.JsonObject, uuid: string): Read<Operation> => {
  if (Json.isDeeperThan(given, Json.depthMax)) {
    return invalid("body", `at most ${Json.depthMax} levels of nesting`)
  }
  const name = names.find((each) => each === Json.get(given, "api"))
  return name === undefined
    ? invalid("api", names.join(", "))
    : acts[name].decode(Json.clean(given), uuid)
}
