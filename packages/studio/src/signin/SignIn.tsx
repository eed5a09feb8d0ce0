import { useEffect, useState } from "react"
import { Snippet } from "../first/Snippet.tsx"
import { snippets } from "../first/SnippetTexts.ts"
import { codeState } from "../asking/CodeSignIn.ts"
import { keepKey } from "../asking/SignedIn.ts"
import { useAtom } from "../atoms/Registry.ts"
import { setTitle } from "../look/Title.ts"

/** What who has not signed in sees: two ways in, and how to send a first event. */
export const SignIn = () => {
  const [text, setText] = useState("")
  useEffect(() => setTitle("Sign in"), [])
  const [first] = snippets(window.location.origin)
  const code = useAtom(codeState)
  return (
    <main className="one sign-in" id="main">
      <div className="hero">
        <h1>Whose event is this, and why?</h1>
        <p>
          Open the link that the server printed when it started, or paste the secret key of the
          project.
        </p>
      </div>
      {code === "wrong" && (
        <div className="note" role="alert">
          <p>
            <b>This link was used already, or is of a server that has ended.</b> It works once: the
            server prints another when it starts.
          </p>
        </div>
      )}
      <section className="panel" aria-labelledby="h-sign">
        <header>
          <h2 id="h-sign">Sign in</h2>
          <small>kept for this tab alone</small>
        </header>
        <form
          className="pad key"
          onSubmit={(event) => {
            event.preventDefault()
            if (text.trim() !== "") keepKey(text.trim())
          }}
        >
          <input
            type="password"
            aria-label="Secret key"
            placeholder="onk_…"
            autoComplete="off"
            value={text}
            onChange={({ target }) => setText(target.value)}
          />
          <button type="submit" className="go">
            Open
          </button>
        </form>
      </section>
      <section className="panel" aria-labelledby="h-first">
        <header>
          <h2 id="h-first">A first event</h2>
          <small>
            <a href="/docs">What may be asked</a> · <a href="/openapi.json">OpenAPI</a>
          </small>
        </header>
        {first !== undefined && <Snippet text={first.text} hasToken={false} />}
      </section>
    </main>
  )
}
