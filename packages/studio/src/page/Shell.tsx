import { lazy, Suspense, useEffect } from "react"
import { address } from "../address/Navigation.ts"
import { useAtom } from "../atoms/Registry.ts"
import { head, isPast } from "../data/Head.ts"
import { codeState } from "../asking/CodeSignIn.ts"
import { key } from "../asking/SignedIn.ts"
import { Deck } from "../deck/Deck.tsx"
import { isLoadingDemo } from "../first/DemoLoading.ts"
import { FirstRun } from "../first/FirstRun.tsx"
import { Overview } from "../overview/Overview.tsx"
import { SignIn } from "../signin/SignIn.tsx"
import { Bar } from "./Bar.tsx"
import { openedDialog } from "../look/Dialogs.ts"
import "../keys/KeyTable.ts"
import { keepFocus } from "./FocusKeeper.ts"
import { Notices } from "./Notices.tsx"

/** Brings the rules of identity with it: they come once somebody looks at a person. */
const PersonPage = lazy(async () => ({
  default: (await import("../person/PersonPage.tsx")).PersonPage,
}))

const WarningsPage = lazy(async () => ({
  default: (await import("../warnings/WarningsPage.tsx")).WarningsPage,
}))

const StatusPage = lazy(async () => ({
  default: (await import("../status/StatusPage.tsx")).StatusPage,
}))

const JumpDialog = lazy(async () => ({
  default: (await import("../deck/JumpDialog.tsx")).JumpDialog,
}))

const KeysDialog = lazy(async () => ({
  default: (await import("../keys/KeysDialog.tsx")).KeysDialog,
}))

const Place = () => {
  const { view, id } = useAtom(address)
  if (view === "warnings") return <WarningsPage />
  if (view === "status") return <StatusPage />
  return id === undefined ? <Overview /> : <PersonPage id={id} />
}

const dialogs = { jump: <JumpDialog />, keys: <KeysDialog /> }

const Opened = () => {
  const name = useAtom(openedDialog)
  return name === undefined ? null : <Suspense>{dialogs[name]}</Suspense>
}

const Inside = () => {
  const [end, past] = [useAtom(head), useAtom(isPast)]
  const isLoading = useAtom(isLoadingDemo)
  useEffect(() => {
    document.documentElement.classList.toggle("is-past", past)
  }, [past])
  if (end === 0 || isLoading) return <FirstRun />
  return (
    <>
      <Deck />
      <Notices />
      <Suspense fallback={<main id="main" />}>
        <Place />
      </Suspense>
    </>
  )
}

/** The whole page. */
export const Shell = () => {
  const isIn = useAtom(key) !== undefined
  const isAsking = useAtom(codeState) === "asked"
  useEffect(keepFocus, [])
  return (
    <>
      <a className="skip" href="#main">
        To the content
      </a>
      <Bar isIn={isIn} />
      {isIn ? <Inside /> : isAsking ? <main id="main" aria-busy="true" /> : <SignIn />}
      <Opened />
    </>
  )
}
