import { Schema } from "effect"
import { randomUUID } from "node:crypto"
import { clean, type Json, type JsonObject } from "@onymous/identity/encoding/Json"
import type { Operation } from "@onymous/identity/event/Event"
import * as OperatorCommand from "@onymous/identity/event/OperatorCommand"
import type * as Policy from "@onymous/identity/policy/Policy"
import * as PolicyChange from "@onymous/identity/policy/PolicyChange"
import { OperationRefused } from "@onymous/log/OperationRefused"
import * as Shape from "./InputShape.ts"
import { InvalidInput } from "../errors/InvalidInput.ts"

/** The person that an operator acts on, the operator and the reason. */
export interface OperatorInput {
  /** Any distinct id of the person. */
  readonly distinctId: string
  readonly by?: string
  readonly reason?: string
}

/** Moves a person's distinct ids to persons of their own: all but the main one, or `only` these. */
export interface SplitInput extends OperatorInput {
  readonly mainDistinctId?: string
  readonly only?: ReadonlyArray<string>
}

/** Merges the person of `source` into that of `distinctId`, even if both are identified. */
export interface MergeInput extends Required<OperatorInput> {
  readonly source: string
}

/** Sets properties of a person, deletes some, or both. */
export interface EditInput extends OperatorInput {
  readonly set?: JsonObject
  readonly unset?: ReadonlyArray<string>
}

/** The event to undo, the operator and the reason. */
export interface RetractInput {
  readonly eventUuid: string
  readonly by: string
  readonly reason: string
}

const { optional } = Schema

const who = { distinctId: Shape.text, by: optional(Shape.text), reason: optional(Shape.text) }

const checkSplit = Shape.checkOf({
  ...who,
  mainDistinctId: optional(Shape.text),
  only: optional(Shape.texts),
})
const checkDelete = Shape.checkOf(who)
const checkMerge = Shape.checkOf({
  distinctId: Shape.text,
  source: Shape.text,
  by: Shape.text,
  reason: Shape.text,
})
const checkEdit = Shape.checkOf({
  ...who,
  set: optional(Shape.object),
  unset: optional(Shape.texts),
})
const checkRetract = Shape.checkOf({ eventUuid: Shape.text, by: Shape.text, reason: Shape.text })

/** The library's names of the fields of acts. */
const names = {
  distinct_id: "distinctId",
  main_distinct_id: "mainDistinctId",
  distinct_ids_to_split: "only",
  alias: "source",
  properties: "set",
  $unset: "unset",
  event_uuid: "eventUuid",
}

/** A refusal of an act, with the field's name in the library. */
export const refusal = ({ field, expected }: OperationRefused): OperationRefused =>
  new OperationRefused({
    field: Object.entries(names).find(([name]) => name === field)?.[1] ?? field,
    expected,
  })

const operation = (
  api: OperatorCommand.Name,
  { distinctId, by, reason }: OperatorInput,
  more: Readonly<Record<string, Json | undefined>> = {},
): Operation => {
  const body = Shape.toJson({ api, distinct_id: distinctId, by, reason, ...more }, "input")
  return Shape.orThrow(OperatorCommand.decode(body, randomUUID()), names)
}

export const toSplit = (input: SplitInput): Operation => {
  checkSplit(input)
  const { mainDistinctId, only, ...operator } = input
  const more = { main_distinct_id: mainDistinctId, distinct_ids_to_split: only }
  return operation("persons.split", operator, more)
}

export const toDelete = (input: OperatorInput): Operation => {
  checkDelete(input)
  return operation("persons.delete", input)
}

export const toMerge = (input: MergeInput): Operation => {
  checkMerge(input)
  return operation("persons.merge", input, { alias: input.source })
}

export const toEdit = (input: EditInput): Operation => {
  checkEdit(input)
  const { set, unset, ...operator } = input
  if (unset?.some((key) => set !== undefined && Object.hasOwn(set, key)) === true) {
    throw new InvalidInput({ field: "unset", expected: "none of the keys of set" })
  }
  return set === undefined
    ? operation("persons.delete_property", operator, { $unset: unset })
    : operation("persons.patch", operator, { properties: set, $unset: unset })
}

export const toRetraction = (input: RetractInput): OperatorCommand.Retraction => {
  checkRetract(input)
  const { eventUuid, by, reason } = input
  const body = Shape.toJson({ event_uuid: eventUuid, by, reason }, "input")
  return Shape.orThrow(OperatorCommand.decodeRetraction(body), names)
}

/** The policy change of an input; throws `InvalidInput`. */
export const toPolicyChange = (change: Policy.PolicyChange): Policy.PolicyChange =>
  Shape.orThrow(PolicyChange.decode(clean(Shape.toJson({ ...change }, "policy"))))
