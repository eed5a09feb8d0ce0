import type { Brand } from "effect"
import type { DistinctId } from "../event/DistinctId.ts"
import type { Position } from "../event/Position.ts"
import type { ProjectId } from "../event/ProjectId.ts"
import * as Uuid from "../encoding/Uuid.ts"

/** Names a person for ever: a UUID derived from the distinct id it was created with. */
export type PersonId = string & Brand.Brand<"PersonId">

/** Names the text of a UUID as a person id. */
export const PersonId = (uuid: string): PersonId => uuid as PersonId

const namespace = Uuid.namespace("932979b4-65c3-4424-8467-0b66ec27bc22")

/**
 * The id of the person created with a distinct id (SPEC §2, P18).
 * A `generation` above 0 tells apart persons that one distinct id founded one after another.
 */
export const of = (project: ProjectId, distinctId: DistinctId, generation = 0): PersonId =>
  PersonId(
    Uuid.v5(`${project}:${distinctId}${generation === 0 ? "" : `#${generation}`}`, namespace),
  )

/** Names the component that a split made of a distinct id: its person may have had another before. */
export const ofSplit = (project: ProjectId, distinctId: DistinctId, position: Position): PersonId =>
  PersonId(Uuid.v5(`${project}:${distinctId}@${position}`, namespace))
