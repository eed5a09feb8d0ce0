import { AsyncResult } from "effect/reactivity"
import { lazy, Suspense } from "react"
import { Link } from "../address/Link.tsx"
import { address, type Move } from "../address/Navigation.ts"
import { useAtom } from "../atoms/Registry.ts"
import { warned } from "../data/Warned.ts"
import { numberText } from "../words/Numbers.ts"
import { Icon } from "../look/Mark.tsx"
import { switchTheme, theme } from "../look/Theme.ts"

/** Brings what an input with suggestions needs: the bar is there before. */
const Find = lazy(async () => ({ default: (await import("../find/Find.tsx")).Find }))

/** Where a view begins: the moment stays. */
const bare: Move = {
  id: undefined,
  with: undefined,
  without: [],
  vs: undefined,
  q: undefined,
  type: undefined,
  lib: undefined,
}

const Warned = () => {
  const found = AsyncResult.value(useAtom(warned))
  const count = found._tag === "None" ? 0 : found.value.reduce((sum, each) => sum + each.count, 0)
  return count === 0 ? null : (
    <span className="count">
      {numberText(count)}
      <span className="sr"> by this moment</span>
    </span>
  )
}

/** The bar over all pages: find, and the three places. */
export const Bar = ({ isIn }: { readonly isIn: boolean }) => {
  const { view } = useAtom(address)
  const look = useAtom(theme)
  const current = (name: string) => (name === view ? { "aria-current": "page" as const } : {})
  return (
    <header className="bar">
      <Link className="brand" to={{ ...bare, view: "persons" }} aria-label="Onymous, persons">
        <Icon name="brand" />
        onymous
      </Link>
      {isIn && (
        <>
          <Suspense fallback={<span className="find" />}>
            <Find />
          </Suspense>
          <nav className="views" aria-label="Views">
            <Link to={{ ...bare, view: "persons" }} {...current("persons")}>
              Persons
            </Link>
            <Link to={{ ...bare, view: "warnings" }} {...current("warnings")}>
              Warnings <Warned />
            </Link>
            <Link to={{ ...bare, view: "status" }} {...current("status")}>
              Status
            </Link>
          </nav>
        </>
      )}
      <button
        className="bare square theme"
        type="button"
        aria-label={look === "dark" ? "Light" : "Dark"}
        title={look === "dark" ? "Light" : "Dark"}
        onClick={switchTheme}
      >
        <Icon name={look === "dark" ? "sun" : "moon"} />
      </button>
    </header>
  )
}
