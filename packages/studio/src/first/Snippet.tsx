import { useState } from "react"

/** A text to copy. */
export const Snippet = ({
  text,
  hasToken,
}: {
  readonly text: string
  readonly hasToken: boolean
}) => {
  const [isCopied, setCopied] = useState(false)
  return (
    <div className="pad col">
      <pre tabIndex={0}>{text}</pre>
      <div className="actions">
        <button
          type="button"
          onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
        >
          {isCopied ? "Copied" : "Copy"}
        </button>
        <span className="quiet">
          {hasToken
            ? "The token is public, and filled in already."
            : "The public token is told when the server starts."}
        </span>
      </div>
    </div>
  )
}
