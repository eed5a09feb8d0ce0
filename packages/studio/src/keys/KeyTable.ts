import { Atom } from "effect/reactivity"
import { tabs } from "../address/Address.ts"
import { address, go } from "../address/Navigation.ts"
import { registry } from "../atoms/Registry.ts"
import { playhead } from "../data/Head.ts"
import { eventHere } from "../deck/EventHere.ts"
import { changePace, play, stepBy, stepChange, stepTo, toLive } from "../deck/Playhead.ts"
import { copyLink } from "../deck/CopyLink.ts"
import { showAll, zoomBy } from "../deck/StripWindow.ts"
import { openDialog } from "../look/Dialogs.ts"
import { toggleRules } from "../look/RulesShown.ts"

const place = "onymous.keys"

const single = Atom.keepAlive(Atom.make(localStorage.getItem(place) !== "off"))

/** True where single letters do something: speech input may type them by accident (WCAG 2.1.4). */
export const hasLetters: Atom.Atom<boolean> = Atom.map(single, (is) => is)

export const setLetters = (is: boolean): void => {
  localStorage.setItem(place, is ? "on" : "off")
  registry.set(single, is)
}

const focus = (selector: string): void => {
  const found = document.querySelector(selector)
  if (found instanceof HTMLInputElement) found.focus()
}

const leaveOut = (): void => {
  const uuid = registry.get(eventHere)
  if (uuid !== undefined) go({ without: [uuid] })
}

const compare = (): void => {
  const { vs } = registry.get(address)
  go({ vs: vs === undefined ? registry.get(playhead) : undefined, tab: "changes" })
}

interface Key {
  readonly keys: ReadonlyArray<string>
  readonly does: string
  readonly act: (key: string) => void
}

const isTab = (key: string): boolean => tabs[Number(key) - 1] !== undefined

/** All keys, as the table of them shows them. */
export const table: ReadonlyArray<Key> = [
  { keys: ["/"], does: "find", act: () => focus("[data-find]") },
  { keys: ["j"], does: "jump: position, time, uuid, 2h ago", act: () => openDialog("jump") },
  {
    keys: ["ArrowLeft", "ArrowRight"],
    does: "one event",
    act: (key) => stepBy(key === "ArrowLeft" ? -1 : 1),
  },
  {
    keys: ["[", "]"],
    does: "one change, of the person or of all",
    act: (key) => void stepChange(key === "[" ? -1 : 1),
  },
  { keys: ["Home"], does: "to the beginning", act: () => stepTo(1) },
  { keys: ["l"], does: "live", act: toLive },
  { keys: [" "], does: "play: a change each 0.6 s", act: play },
  { keys: [",", "."], does: "slower, faster", act: (key) => changePace(key === "," ? -1 : 1) },
  {
    keys: ["+", "-"],
    does: "zoom the strip in, out",
    act: (key) => zoomBy(key === "+" ? 0.5 : 2),
  },
  { keys: ["0"], does: "the whole log on the strip", act: showAll },
  { keys: ["w"], does: "why (the second id)", act: () => focus("[data-other-id]") },
  { keys: ["x"], does: "leave the event at the playhead out", act: leaveOut },
  { keys: ["t"], does: "what the rules saw", act: toggleRules },
  { keys: ["v"], does: "compare from here", act: compare },
  { keys: ["c"], does: "copy the link", act: copyLink },
  {
    keys: ["1", "2", "3", "4", "5"],
    does: "tabs",
    act: (key) => {
      const tab = tabs[Number(key) - 1]
      if (isTab(key) && tab !== undefined) go({ tab })
    },
  },
  {
    keys: ["Escape"],
    does: "close, leave what-if",
    act: () => {
      if (registry.get(address).without.length > 0) go({ without: [] })
    },
  },
  { keys: ["?"], does: "this table", act: () => openDialog("keys") },
]

/** Many a keyboard has a plus only together with another key. */
const aliases: Readonly<Record<string, string>> = { "=": "+" }

const actions = new Map(table.flatMap(({ keys, act }) => keys.map((key) => [key, act] as const)))

/** Where somebody writes, keys write; where a control has a use for a key, it has it. */
const isTaken = ({ target }: KeyboardEvent, key: string): boolean => {
  if (!(target instanceof HTMLElement)) return false
  if (target.closest("input, textarea, select, [contenteditable], dialog") !== null) return true
  if (key === " ") return target.closest("button, a, summary") !== null
  return /^(?:Arrow|Home|End)/.test(key) && target.closest("[role=tablist], [role=slider]") !== null
}

window.addEventListener("keydown", (event) => {
  const { key, metaKey, ctrlKey, altKey } = event
  if (metaKey || ctrlKey || altKey || event.defaultPrevented || isTaken(event, key)) return
  const name = aliases[key] ?? (key.length === 1 ? key.toLowerCase() : key)
  const isLetter = name.length === 1
  if (isLetter && !registry.get(single) && name !== "?") return
  const act = actions.get(name)
  if (act === undefined) return
  event.preventDefault()
  act(name)
})
