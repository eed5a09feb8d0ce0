import type { PersonView } from "../Persons.ts"
import * as TextSearch from "./TextSearch.ts"

/** True where a text is found in an id of a person, or in a value of its properties. */
export const finds = ({ distinctIds, properties }: PersonView, search: string): boolean =>
  TextSearch.isIn(distinctIds, search) || TextSearch.isIn(TextSearch.valuesOf(properties), search)
