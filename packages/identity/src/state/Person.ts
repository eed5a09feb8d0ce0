import * as Json from "../encoding/Json.ts"
import type { PersonId } from "./PersonId.ts"

/** A person as it is from one event to the next; its distinct ids are the component's. */
export interface Person {
  readonly id: PersonId
  readonly properties: Json.JsonObject
  readonly isIdentified: boolean
  /** Epoch milliseconds. */
  readonly createdAt: number
  /** 0 when created; one more with each event that changed the person. */
  readonly version: number
}

/** True for two equal versions of a person. */
export const equals = (a: Person, b: Person): boolean =>
  a.id === b.id &&
  a.version === b.version &&
  a.isIdentified === b.isIdentified &&
  a.createdAt === b.createdAt &&
  Json.equals(a.properties, b.properties)
