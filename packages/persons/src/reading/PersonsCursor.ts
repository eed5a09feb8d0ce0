import { Effect } from "effect"
import { isUuid } from "@onymous/identity/encoding/Uuid"
import { PersonsError } from "../PersonsError.ts"
import type { PersonView } from "../Persons.ts"

/** The last person of a page, newest first: the next page begins after it. */
export interface Cursor {
  readonly createdAt: number
  readonly id: string
}

/** The cursor after a person, as text. */
export const of = ({ createdAt, id }: PersonView): string => `${createdAt}_${id}`

/** Reads a cursor that `of` wrote; fails with `InvalidCursor` for any other text. */
export const read = (
  cursor: string | undefined,
): Effect.Effect<Cursor | undefined, PersonsError> => {
  if (cursor === undefined) return Effect.undefined
  const [time = "", id = ""] = cursor.split("_")
  return /^-?\d{1,15}$/.test(time) && isUuid(id)
    ? Effect.succeed({ createdAt: Number(time), id })
    : Effect.fail(new PersonsError({ reason: { _tag: "InvalidCursor", cursor } }))
}
