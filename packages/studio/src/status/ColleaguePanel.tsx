import { Effect } from "effect"
import { useState } from "react"
import { askOnce } from "../asking/Asking.ts"

const makeLink = Effect.suspend(() =>
  Effect.map(
    askOnce(({ page }, asked) => page.link({ ...asked, query: {}, payload: { read_only: true } })),
    ({ path }) => `${window.location.origin}${path}`,
  ),
)

/** Makes a link with which a colleague signs in once, to look and not to act. */
export const ColleaguePanel = () => {
  const [link, setLink] = useState<string>()
  const [wrong, setWrong] = useState<string>()
  const make = () =>
    void Effect.runPromise(
      Effect.match(makeLink, {
        onFailure: ({ message }) => setWrong(message),
        onSuccess: (made) => {
          setLink(made)
          void navigator.clipboard.writeText(made).catch(() => undefined)
        },
      }),
    )
  return (
    <section className="panel" aria-labelledby="h-colleague">
      <header>
        <h2 id="h-colleague">Let a colleague look</h2>
        <small>a link that works once, and opens questions alone</small>
      </header>
      <div className="pad col">
        {link !== undefined && (
          <p role="status">
            <code>{link}</code> <span className="quiet">is copied.</span>
          </p>
        )}
        {wrong !== undefined && (
          <p className="lost" role="alert">
            {wrong}
          </p>
        )}
        <div className="actions">
          <button type="button" onClick={make}>
            {link === undefined ? "Make a link" : "Make another"}
          </button>
        </div>
      </div>
    </section>
  )
}
