import { clean, cleanText, type Json } from "@onymous/identity/encoding/Json"

/** A value as JSON, or as the text that it is. */
export const read = (text: string): Json => {
  try {
    return clean(JSON.parse(text))
  } catch {
    return cleanText(text)
  }
}
