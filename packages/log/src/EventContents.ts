import * as ExactJson from "@onymous/identity/encoding/ExactJson"
import * as Json from "@onymous/identity/encoding/Json"

/** The contents of a payload without `sent_at`, which changes when a client sends the event again. */
const contentsOf = (payload: string): Json.JsonObject => {
  const contents = Json.copyObject(ExactJson.parseObject(payload))
  delete contents["sent_at"]
  return contents
}

/** True where an event was sent again, false where another event has its uuid. */
export const isSame = (payload: string, again: string): boolean =>
  payload === again || Json.equals(contentsOf(payload), contentsOf(again))
