import { Effect, Schema } from "effect"
import { randomUUID } from "node:crypto"
import type { Json, JsonObject } from "@onymous/identity/encoding/Json"
import type { Operation } from "@onymous/identity/event/Event"
import * as OperatorCommand from "@onymous/identity/event/OperatorCommand"
import * as RetractionRequest from "@onymous/identity/event/RetractionRequest"
import type * as Policy from "@onymous/identity/policy/Policy"
import { OperationRefused } from "@onymous/log/OperationRefused"
import { OperatorActions } from "@onymous/projector/OperatorActions"
import * as Shape from "../inputs/InputShape.ts"
import * as ActRefusal from "../errors/ActRefusal.ts"
import { InvalidInput } from "../errors/InvalidInput.ts"
import type { CallOptions } from "../inputs/CallOptions.ts"
import * as PolicyInput from "../inputs/PolicyInput.ts"
import type { Session } from "../session/Session.ts"
import { act, type Call } from "./Call.ts"

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

/** Where the event of an operator's act lies, and the uuid by which `retract` names it. */
export interface Act {
  readonly position: number
  readonly uuid: string
}

/** What an operator does to persons and rules: each act becomes an event in the log. */
export interface OperatorCalls {
  /** Moves distinct ids of a person to persons of their own. */
  readonly split: (input: SplitInput, options?: CallOptions) => Call<Act>

  /** Deletes a person for good; the next event of each of its ids founds a new person. */
  readonly deletePerson: (input: OperatorInput, options?: CallOptions) => Call<Act>

  /** Merges two persons, even if both are identified. */
  readonly merge: (input: MergeInput, options?: CallOptions) => Call<Act>

  /** Sets properties of a person, deletes some, or both. */
  readonly edit: (input: EditInput, options?: CallOptions) => Call<Act>

  /**
   * Undoes an event from here on; retracting the retraction restores it. Answers about earlier
   * points stay the same. Rejects with `refused` where the event is unknown or undone already.
   */
  readonly retract: (input: RetractInput, options?: CallOptions) => Call<Act>

  /** Changes fields of the policy from here on, by an event in the log. */
  readonly changePolicy: (change: Policy.PolicyChange, options?: CallOptions) => Call<Act>
}

const optional = Schema.optional

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

const operation = (
  api: OperatorCommand.Name,
  { distinctId, by, reason }: OperatorInput,
  more: Readonly<Record<string, Json | undefined>> = {},
): Operation => {
  const body = Shape.toJson({ api, distinct_id: distinctId, by, reason, ...more }, "input")
  return Shape.orThrow(OperatorCommand.decode(body, randomUUID()), ActRefusal.names)
}

const toSplit = (input: SplitInput): Operation => {
  checkSplit(input)
  const { mainDistinctId, only, ...operator } = input
  const more = { main_distinct_id: mainDistinctId, distinct_ids_to_split: only }
  return operation("persons.split", operator, more)
}

const toDelete = (input: OperatorInput): Operation => {
  checkDelete(input)
  return operation("persons.delete", input)
}

const toMerge = (input: MergeInput): Operation => {
  checkMerge(input)
  return operation("persons.merge", input, { alias: input.source })
}

const toEdit = (input: EditInput): Operation => {
  checkEdit(input)
  const { set, unset, ...operator } = input
  if (unset?.some((key) => set !== undefined && Object.hasOwn(set, key)) === true) {
    throw new InvalidInput({ field: "unset", expected: "none of the keys of set" })
  }
  return set === undefined
    ? operation("persons.delete_property", operator, { $unset: unset })
    : operation("persons.patch", operator, { properties: set, $unset: unset })
}

const toRetraction = (input: RetractInput): RetractionRequest.Retraction => {
  checkRetract(input)
  const { eventUuid, by, reason } = input
  const body = Shape.toJson({ event_uuid: eventUuid, by, reason }, "input")
  return Shape.orThrow(RetractionRequest.decode(body), ActRefusal.names)
}

/** Carries an act out; a refusal has the field's name in the library. */
const perform = <A, E>(carryOut: (actions: OperatorActions["Service"]) => Effect.Effect<A, E>) =>
  Effect.mapError(Effect.flatMap(OperatorActions, carryOut), (error) =>
    error instanceof OperationRefused ? ActRefusal.of(error) : error,
  )

/** The acts on a session's project. */
export const make = (session: Session): OperatorCalls => {
  const { project } = session
  const operate =
    <Input>(toOperation: (input: Input) => Operation) =>
    (input: Input, options?: CallOptions) =>
      act(options, () => {
        const operation = toOperation(input)
        return session.recordAfterCatchUp(perform((actions) => actions.operate(project, operation)))
      })
  return {
    split: operate(toSplit),
    deletePerson: operate(toDelete),
    merge: operate(toMerge),
    edit: operate(toEdit),
    retract: (input, options) =>
      act(options, () => {
        const retraction = toRetraction(input)
        return session.recordAfterCatchUp(
          perform((actions) => actions.retract(project, retraction)),
        )
      }),
    changePolicy: (change, options) =>
      act(options, () => {
        const wanted = PolicyInput.toChange(change)
        return session.record(perform((actions) => actions.changePolicy(project, wanted)))
      }),
  }
}
