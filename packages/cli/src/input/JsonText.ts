import { clean, cleanText, type Json } from "@onymous/identity/encoding/Json"
import * as ExactJson from "@onymous/identity/encoding/ExactJson"

/** The JSON value of a text; a text that is no JSON stands for itself. */
export const read = (text: string): Json => {
  try {
    return clean(ExactJson.parse(text))
  } catch {
    return cleanText(text)
  }
}
