import * as Json from "../encoding/Json.ts"
import type { PersonId } from "./PersonId.ts"

/** One version of a person; its distinct ids belong to the component. */
export interface Person {
  readonly id: PersonId
  readonly properties: Json.JsonObject
  readonly isIdentified: boolean
  /** Epoch milliseconds. */
  readonly createdAt: number
  /** 0 at creation; one more with each event that changes the person. */
  readonly version: number
}

/** True for two equal versions of a person. */
export const equals = (a: Person, b: Person): boolean =>
  a.id === b.id &&
  a.version === b.version &&
  a.isIdentified === b.isIdentified &&
  a.createdAt === b.createdAt &&
  Json.equals(a.properties, b.properties)
