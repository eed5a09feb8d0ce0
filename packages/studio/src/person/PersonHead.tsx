import type { History } from "@onymous/timetravel/history/History"
import { At } from "../address/At.tsx"
import { go } from "../address/Navigation.ts"
import { identifiedSince, nameOf, type PersonThen } from "../past/PersonFacts.ts"
import { weakLinks } from "../past/WeakLinks.ts"
import { IdText } from "../words/IdText.tsx"
import { countText, listText, numberText } from "../words/Numbers.ts"
import { visible } from "../words/EscapedText.ts"

interface Props {
  readonly history: History
  readonly id: string
  readonly person: PersonThen
  readonly at: number
}

/** Who it is, in two lines. */
export const PersonHead = ({ history, id, person, at }: Props) => {
  const since = identifiedSince(history, person.id, at)
  const name = nameOf(person.properties)
  return (
    <div className="person">
      <h1>{name === undefined ? <IdText id={id} /> : visible(name)}</h1>
      <p>
        {countText(person.distinctIds.length, "id")},{" "}
        {since === undefined ? (
          "not identified"
        ) : (
          <>
            identified since <At position={since} />
          </>
        )}
        , version {numberText(person.version)} · <code>{person.id}</code>
      </p>
    </div>
  )
}

const namesOf: Readonly<Record<string, string>> = { name: "names", email: "e-mail addresses" }

/** Says so where two persons with different names became one. */
export const PerhapsTwo = ({ history, id, at }: Omit<Props, "person">) => {
  const [weakest] = weakLinks(history, id, at)
  if (weakest === undefined || weakest.merged.lost.length === 0) return null
  const { link, merged } = weakest
  const told = merged.lost.flatMap((key) => namesOf[key] ?? [])
  const differing = told.length > 0 ? listText(told) : "values"
  return (
    <div className="note perhaps-two">
      <p>
        <b>Perhaps two people.</b> At <At position={link.position} /> two persons with different{" "}
        {differing} became one.
      </p>
      <button
        type="button"
        onClick={() => {
          go({ with: link.source === id ? link.target : link.source })
          document.getElementById("h-why")?.scrollIntoView({ block: "nearest" })
        }}
      >
        Show why
      </button>
    </div>
  )
}
