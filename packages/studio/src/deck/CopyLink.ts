import { AsyncResult, Atom } from "effect/reactivity"
import { hrefOf } from "../address/Navigation.ts"
import { registry } from "../atoms/Registry.ts"
import { playhead, status } from "../data/Head.ts"

const copied = Atom.keepAlive(Atom.make(false))

/** True for a moment after the link was copied. */
export const isCopied: Atom.Atom<boolean> = Atom.map(copied, (is) => is)

/** The link to what is shown: always of a fixed position, and of this log. */
const linkHere = (): string => {
  const found = AsyncResult.value(registry.get(status))
  const log = found._tag === "None" ? undefined : found.value.log_id.slice(0, 8)
  return `${window.location.origin}${hrefOf({ at: registry.get(playhead), log })}`
}

/** Copies the link, and says so for a moment. */
export const copyLink = (): void => {
  void navigator.clipboard.writeText(linkHere()).then(() => {
    registry.set(copied, true)
    setTimeout(() => registry.set(copied, false), 2000)
  })
}
