import type { PersonView } from "../Persons.ts"
import * as TextSearch from "./TextSearch.ts"

/** True where a distinct id of a person, or a value of its properties, contains a text. */
export const finds = ({ distinctIds, properties }: PersonView, search: string): boolean =>
  TextSearch.isIn(distinctIds, search) || TextSearch.isIn(TextSearch.valuesOf(properties), search)
