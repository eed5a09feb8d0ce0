import { Atom } from "effect/reactivity"
import { registry } from "../atoms/Registry.ts"

/** The dialogs of the page; one is open at most. */
export type DialogName = "jump" | "keys"

const current = Atom.keepAlive(Atom.make<DialogName | undefined>(undefined))

export const openedDialog: Atom.Atom<DialogName | undefined> = Atom.map(current, (name) => name)

export const openDialog = (name: DialogName): void => registry.set(current, name)

export const closeDialog = (): void => registry.set(current, undefined)
