import * as ExactJson from "../encoding/ExactJson.ts"
import * as Json from "../encoding/Json.ts"

/** The properties of an event, as its client sent them, from its payload in the log. */
export const propertiesOf = (payload: string): Json.JsonObject => {
  const value: unknown = ExactJson.parse(payload)
  const properties = Json.isObject(value) ? Json.get(value, "properties") : undefined
  return Json.isObject(properties) ? properties : {}
}
