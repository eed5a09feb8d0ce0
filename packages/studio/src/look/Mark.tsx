import marks from "../style/marks.svg"

/** What a mark says by its hue, beside its shape. */
export type Hue = "new" | "merge" | "refused" | "apart" | "wait" | "plain"

/** A mark of what happened: a shape and a hue. */
export const Mark = ({ name, hue = "plain" }: { readonly name: string; readonly hue?: Hue }) => (
  <svg className={`m m-${hue}`} aria-hidden="true">
    <use href={`${marks}#${name}`} />
  </svg>
)

/** A picture on a button. */
export const Icon = ({ name }: { readonly name: string }) => (
  <svg aria-hidden="true">
    <use href={`${marks}#${name}`} />
  </svg>
)
