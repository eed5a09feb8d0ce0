import { Atom } from "effect/reactivity"
import { registry } from "../atoms/Registry.ts"

/** What opens the project: a session of this browser, or a secret key in this tab. */
interface Access {
  readonly key: string
  /** True where it opens questions alone. */
  readonly isReadOnly: boolean
}

const place = "onymous.key"
const onlyLooks = "onymous.looks"

const stored = (): Access | undefined => {
  const key = sessionStorage.getItem(place) ?? localStorage.getItem(place)
  const isReadOnly = localStorage.getItem(onlyLooks) !== null
  return key === null ? undefined : { key, isReadOnly }
}

const current = Atom.keepAlive(Atom.make(stored()))

/** The key that opens the project; undefined for who has not signed in. */
export const key: Atom.Atom<string | undefined> = Atom.map(current, (access) => access?.key)

/** True for who may look, and not act. */
export const onlyLook: Atom.Atom<boolean> = Atom.map(
  current,
  (access) => access?.isReadOnly === true,
)

/** Signs in with a session, for this browser. */
export const openSession = (access: Access): void => {
  sessionStorage.removeItem(place)
  localStorage.setItem(place, access.key)
  if (access.isReadOnly) localStorage.setItem(onlyLooks, "yes")
  else localStorage.removeItem(onlyLooks)
  registry.set(current, access)
}

/** Signs in with a secret key, for this tab alone. */
export const keepKey = (value: string): void => {
  localStorage.removeItem(onlyLooks)
  sessionStorage.setItem(place, value)
  registry.set(current, { key: value, isReadOnly: false })
}

/** Forgets the key. */
export const signOut = (): void => {
  for (const name of [place, onlyLooks]) localStorage.removeItem(name)
  sessionStorage.removeItem(place)
  registry.set(current, undefined)
}
