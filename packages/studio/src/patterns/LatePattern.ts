import type { RE2JS as Engine } from "re2js"

/** The engine of patterns, once a project turned out to have some. */
let engine: typeof Engine | undefined

/** Stands for the engine in the page: few projects have patterns, and it is as large as React. */
export const RE2JS = {
  DOTALL: 2,
  compile: (text: string, flags: number): Engine => {
    if (engine === undefined) throw new Error("The engine of patterns is not there yet.")
    return engine.compile(text, flags)
  },
}

/** Brings the engine. */
export const load = async (): Promise<void> => {
  engine ??= (await import("re2js")).RE2JS
}
