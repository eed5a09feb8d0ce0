import { Effect } from "effect"
import { isUuid } from "@onymous/identity/encoding/Uuid"
import { PersonsError } from "../PersonsError.ts"
import type { PersonView } from "../Persons.ts"

/** Where a page of persons begins: after this one, newest first. */
export interface Cursor {
  readonly createdAt: number
  readonly id: string
}

/** The text that asks for the page after a person. */
export const of = ({ createdAt, id }: PersonView): string => `${createdAt}_${id}`

/** Reads what `of` wrote; anything else is refused. */
export const read = (
  cursor: string | undefined,
): Effect.Effect<Cursor | undefined, PersonsError> => {
  if (cursor === undefined) return Effect.undefined
  const [time = "", id = ""] = cursor.split("_")
  return /^-?\d{1,15}$/.test(time) && isUuid(id)
    ? Effect.succeed({ createdAt: Number(time), id })
    : Effect.fail(new PersonsError({ reason: { _tag: "InvalidCursor", cursor } }))
}
