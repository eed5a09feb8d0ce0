import type { Kind } from "../data/Around.ts"
import type { Hue } from "../look/Mark.tsx"

/** The marks of what became true, the most telling first. */
const marks: ReadonlyArray<readonly [Kind, string, Hue]> = [
  ["retracted", "retract", "apart"],
  ["split", "split", "apart"],
  ["deleted", "delete", "apart"],
  ["refused", "refused", "refused"],
  ["merged_by_hand", "merge", "refused"],
  ["merged", "merge", "merge"],
  ["born", "create", "new"],
  ["attached", "attach", "new"],
  ["released", "released", "wait"],
  ["held", "held", "wait"],
  ["edited", "edit", "plain"],
  ["policy", "policy", "plain"],
  ["warned", "warning", "refused"],
]

/** The mark of what an event changed. */
export const markOf = (kinds: ReadonlySet<Kind>): readonly [string, Hue] => {
  const found = marks.find(([kind]) => kinds.has(kind))
  return found === undefined ? ["plain", "plain"] : [found[1], found[2]]
}
