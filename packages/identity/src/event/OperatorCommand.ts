import { Result, Schema, type SchemaAST, Struct } from "effect"
import * as CommandFields from "./CommandFields.ts"
import { DistinctId } from "./DistinctId.ts"
import { invalid, type Invalid } from "../encoding/Invalid.ts"
import { ofSchema } from "../schema/SchemaInvalid.ts"
import * as Json from "../encoding/Json.ts"
import { JsonObject } from "../encoding/JsonField.ts"
import * as RetractionRequest from "./RetractionRequest.ts"

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

type Mode = Pick<SchemaAST.ParseOptions, "onExcessProperty">

// Not taken apart by its braces: then a bundle would hold the whole of Schema.
const optionalKey = Schema.optionalKey

const byOperator = {
  distinct_id: CommandFields.Id,
  by: optionalKey(CommandFields.Text),
  reason: optionalKey(CommandFields.Text),
}

/** The fields that every body shares. */
type Common = Schema.Struct.Type<typeof byOperator>

type Described = { readonly body: Json.JsonObject; readonly text: string }

/** What acts do to persons, as lists of changes name it. */
export const kinds = ["merged_by_hand", "split", "deleted", "edited", "retracted"] as const

/**
 * An operator's act: the body that asks for it, the fact that the log takes, and the way back.
 */
export interface Act<Body> {
  readonly kind: (typeof kinds)[number]
  readonly body: Schema.Codec<Body, unknown>
  readonly fact: (body: Body, uuid: string) => Operation
  /**
   * The body of a fact, without `distinct_id`, `by` and `reason`, and its words; undefined for the fact of another act.
   */
  readonly describe: (operation: Operation) => Described | undefined
  readonly decode: (given: unknown, uuid: string, mode?: Mode) => Read<Operation>
}

const act = <Body extends Common>({
  kind,
  body: schema,
  fact: factOf,
  describe,
}: Pick<Act<Body>, "kind" | "body" | "describe"> & {
  readonly fact: (body: Body, common: ByOperator) => Operation
}): Act<Body> => {
  const body = CommandFields.nullable(schema)
  const decodeBody = Schema.decodeUnknownResult(body)
  const fact = (given: Body, uuid: string) => {
    const { distinct_id, by, reason } = given
    const distinctId = DistinctId(distinct_id)
    return factOf(given, { uuid, distinctId, ...(by && { by }), ...(reason && { reason }) })
  }
  return {
    kind,
    body,
    fact,
    describe,
    decode: (given, uuid, mode) =>
      Result.mapBoth(decodeBody(given, mode), {
        onFailure: (error) => ofSchema(error, "body"),
        onSuccess: (read) => fact(read, uuid),
      }),
  }
}

const editText = ({ distinctId, set = {}, unset = [] }: PersonEdited): string => {
  const sets = Object.keys(set).map((key) => `set ${key}`)
  const edits = [...sets, ...unset.map((key) => `unset ${key}`)]
  return `edit the person of ${distinctId}: ${edits.join(", ")}`
}

/** Every act by its API name; PostHog's name where PostHog has the act (posthog.md §8). */
export const acts = {
  "persons.split": act({
    kind: "split",
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
    describe: (operation) => {
      if (operation._tag !== "PersonSplit") return undefined
      const { distinctId, mainDistinctId: main, only } = operation
      return {
        body: {
          ...(main !== undefined && { main_distinct_id: main }),
          ...(only && { distinct_ids_to_split: only }),
        },
        text: `split ${only?.join(", ") ?? "every other id"} off from ${main ?? distinctId}`,
      }
    },
  }),
  "persons.delete": act({
    kind: "deleted",
    body: CommandFields.of(byOperator),
    fact: (_, common) => ({ _tag: "PersonDeleted", ...common }),
    describe: ({ _tag, distinctId }) =>
      _tag === "PersonDeleted"
        ? { body: {}, text: `delete the person of ${distinctId}` }
        : undefined,
  }),
  "persons.merge": act({
    kind: "merged_by_hand",
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
    describe: (operation) => {
      if (operation._tag !== "PersonsMerged") return undefined
      const { distinctId, source } = operation
      return {
        body: { alias: source },
        text: `merge the person of ${source} into that of ${distinctId}`,
      }
    },
  }),
  "persons.patch": act({
    kind: "edited",
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
    describe: (operation) => {
      if (operation._tag !== "PersonEdited" || operation.set === undefined) return undefined
      const { set, unset } = operation
      return {
        body: { properties: set, ...(unset && { $unset: unset }) },
        text: editText(operation),
      }
    },
  }),
  "persons.delete_property": act({
    kind: "edited",
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
    describe: (operation) => {
      if (operation._tag !== "PersonEdited" || operation.set !== undefined) return undefined
      return { body: { $unset: operation.unset ?? [] }, text: editText(operation) }
    },
  }),
  "events.retract": act({
    kind: "retracted",
    body: CommandFields.of({
      distinct_id: CommandFields.Id,
      ...RetractionRequest.fields,
      alias: optionalKey(CommandFields.Id),
    }),
    fact: ({ alias, ...body }, common) => ({
      _tag: "Retracted",
      ...common,
      ...(alias !== undefined && { source: DistinctId(alias) }),
      ...RetractionRequest.of(body),
    }),
    describe: (operation) => {
      if (operation._tag !== "Retracted") return undefined
      const { eventUuid, source } = operation
      return {
        body: { event_uuid: eventUuid, ...(source && { alias: source }) },
        text: `retract event ${eventUuid}`,
      }
    },
  }),
}

export type Name = keyof typeof acts

/** The names of all acts. */
export const names = Struct.keys(acts)

/** The act that a fact is of: its API name, its kind, the body without the fields of all acts, and the words. */
export const actOf = (operation: Operation) => {
  for (const api of names) {
    const description = acts[api].describe(operation)
    if (description !== undefined) return { api, kind: acts[api].kind, ...description }
  }
  throw new Error(`No act makes ${operation._tag}.`)
}

/** The JSON of an operation; `decode` reads it back. */
export const encode = (operation: Operation): Json.JsonObject => {
  const { distinctId, by, reason } = operation
  const { api, body } = actOf(operation)
  return { api, distinct_id: distinctId, ...(by && { by }), ...(reason && { reason }), ...body }
}

/**
 * Reads a command, `{api, distinct_id, …}`, into its fact; the error names the field that is wrong. Fields that the act
 * does not have are passed over, or refused with `onExcessProperty`.
 */
export const decode = (given: Json.JsonObject, uuid: string, mode?: Mode): Read<Operation> => {
  if (Json.isDeeperThan(given, Json.depthMax)) {
    return invalid("body", `at most ${Json.depthMax} levels of nesting`)
  }
  const { api, ...body } = given
  const name = names.find((each) => each === api)
  return name === undefined
    ? invalid("api", names.join(", "))
    : acts[name].decode(Json.clean(body), uuid, mode)
}
