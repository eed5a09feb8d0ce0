import { Atom } from "effect/reactivity"
import { registry } from "../atoms/Registry.ts"

type Look = "light" | "dark"

const place = "onymous.theme"
const root = document.documentElement
const preference = window.matchMedia("(prefers-color-scheme: dark)")

const read = (): Look | undefined => {
  const stored = localStorage.getItem(place)
  return stored === "light" || stored === "dark" ? stored : undefined
}

const preferred = (): Look => (preference.matches ? "dark" : "light")

const current = Atom.keepAlive(Atom.make(read() ?? preferred()))

/** How the page looks: as the system does, until somebody says otherwise. */
export const theme: Atom.Atom<Look> = Atom.map(current, (look) => look)

const show = (look: Look | undefined) => {
  if (look === undefined) delete root.dataset["theme"]
  else root.dataset["theme"] = look
  registry.set(current, look ?? preferred())
}

/** Dark becomes light, and light dark, for this browser. */
export const switchTheme = (): void => {
  const look = registry.get(current) === "dark" ? "light" : "dark"
  localStorage.setItem(place, look)
  show(look)
}

show(read())
preference.addEventListener("change", () => show(read()))
