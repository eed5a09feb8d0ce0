import * as ExactJson from "@onymous/identity/encoding/ExactJson"
import * as Json from "@onymous/identity/encoding/Json"

/** The contents of a payload: all but `sent_at`, which a client that tries again says anew. */
const contentsOf = (payload: string): Json.JsonObject => {
  const contents = Json.copyObject(ExactJson.parseObject(payload))
  delete contents["sent_at"]
  return contents
}

/** True for the payload of an event that was sent again, false where its uuid was used for another one. */
export const isSame = (payload: string, again: string): boolean =>
  payload === again || Json.equals(contentsOf(payload), contentsOf(again))
