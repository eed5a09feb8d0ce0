import { AsyncResult } from "effect/reactivity"
import { useEffect, useState } from "react"
import { onlyLook } from "../asking/SignedIn.ts"
import { useAtom } from "../atoms/Registry.ts"
import { status } from "../data/Head.ts"
import { setTitle } from "../look/Title.ts"
import { TabList } from "../look/TabList.tsx"
import { DemoButton } from "./DemoButton.tsx"
import { Snippet } from "./Snippet.tsx"
import { type SnippetName, snippets } from "./SnippetTexts.ts"

/** What an empty log shows: how to send a first event. The page goes on by itself once one has come. */
export const FirstRun = () => {
  const [shown, show] = useState<SnippetName>("curl")
  const found = AsyncResult.value(useAtom(status))
  const token = found._tag === "None" ? undefined : found.value.token
  const looks = useAtom(onlyLook)
  useEffect(() => setTitle(""), [])
  return (
    <main className="one" id="main">
      <div className="hero">
        <h1>No event has come yet.</h1>
        <p>
          Send one, and this page goes on by itself. Or load a small shop’s week, and find the wrong
          merge in it.
        </p>
        {!looks && <DemoButton />}
      </div>
      <section className="panel" aria-labelledby="h-send">
        <header>
          <h2 id="h-send">Send a first event</h2>
          <small className="when live">Listening</small>
        </header>
        <TabList
          label="How"
          shown={shown}
          onShow={show}
          tabs={snippets(window.location.origin, token).map(({ name, text }) => ({
            name,
            title: name,
            show: () => <Snippet text={text} hasToken={token !== undefined} />,
          }))}
        />
      </section>
    </main>
  )
}
