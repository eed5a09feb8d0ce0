import { useState } from "react"
import type { Json } from "@onymous/identity/encoding/Json"
import { sizeText } from "../words/Numbers.ts"
import { beginning, visible } from "../words/EscapedText.ts"

/** Longer values are cut. */
const lengthMax = 500

/** How much of a cut value is seen. */
const cutLength = 80

const textOf = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value))

/** A value as it is, as text, whatever is in it. */
export const Value = ({ value }: { readonly value: Json }) => {
  const [isOpen, setOpen] = useState(false)
  const text = textOf(value)
  if (text.length <= lengthMax) return <bdi className="value">{visible(text)}</bdi>
  if (isOpen) {
    return (
      <pre className="long" tabIndex={0} role="region" aria-label="The whole value">
        {visible(text)}
      </pre>
    )
  }
  return (
    <span className="value">
      <bdi>{visible(beginning(text, cutLength))}</bdi>{" "}
      <button type="button" className="small" onClick={() => setOpen(true)}>
        Show all {sizeText(new Blob([text]).size)}
      </button>
    </span>
  )
}
