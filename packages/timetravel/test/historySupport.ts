import { Result } from "effect"
import * as Policy from "@onymous/identity/policy/Policy"
import * as Presets from "@onymous/identity/policy/Presets"
import * as RandomLines from "@onymous/simulator/random/RandomLines"
import { History } from "../src/history/History.ts"
import { FileLog } from "../src/replay/FileLog.ts"

/** The history of lines, as a file of them would have it. */
export const historyOf = (
  lines: ReadonlyArray<object>,
  policy: Policy.Policy = { ...Presets.page, buffer_enabled: false },
): History => {
  const file = new FileLog()
  for (const line of lines) Result.getOrThrow(file.add(JSON.stringify(line)))
  const [first] = file.logs()
  if (first === undefined) throw new Error("There are no lines.")
  return new History(first[0], first[1], policy)
}

/** The history of random lines: with ticks, policies, splits, deletions and waiting events. */
export const randomHistory = (preset: "page" | "posthog", seed: number, length = 40): History =>
  historyOf(RandomLines.make(seed, length), Presets.presets[preset])

/** A uuid by number. */
export const uuid = (number: number): string =>
  `00000000-0000-4000-8000-${`${number}`.padStart(12, "0")}`

/** An event with the uuid of its number. */
export const event = (number: number, name: string, distinct_id: string, properties = {}) => ({
  event: name,
  distinct_id,
  properties,
  uuid: uuid(number),
})

/** A merge of an anonymous id. */
export const identify = (number: number, id: string, anonymous: string, $set = {}) =>
  event(number, "$identify", id, { $anon_distinct_id: anonymous, $set })
