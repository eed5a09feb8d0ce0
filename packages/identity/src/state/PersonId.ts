import type { Brand } from "effect"
import type { DistinctId } from "../event/DistinctId.ts"
import type { Position } from "../event/Position.ts"
import type { ProjectId } from "../event/ProjectId.ts"
import * as Uuid from "../encoding/Uuid.ts"

/** The permanent name of a person: a UUID derived from the distinct id that founded it. */
export type PersonId = string & Brand.Brand<"PersonId">

/** Brands a UUID as a person id. */
export const PersonId = (uuid: string): PersonId => uuid as PersonId

const namespace = Uuid.namespace("932979b4-65c3-4424-8467-0b66ec27bc22")

/**
 * The id of the person that a distinct id founds (SPEC §2, P18).
 * `generation` counts the persons that the distinct id founded before.
 */
export const of = (project: ProjectId, distinctId: DistinctId, generation = 0): PersonId =>
  PersonId(
    Uuid.v5(`${project}:${distinctId}${generation === 0 ? "" : `#${generation}`}`, namespace),
  )

/**
 * The name of the component that a split gives to a distinct id; a position sets it apart from
 * components before.
 */
export const ofSplit = (project: ProjectId, distinctId: DistinctId, position: Position): PersonId =>
  PersonId(Uuid.v5(`${project}:${distinctId}@${position}`, namespace))
