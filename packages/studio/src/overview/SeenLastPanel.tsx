import { At } from "../address/At.tsx"
import { Link } from "../address/Link.tsx"
import { useAtom } from "../atoms/Registry.ts"
import { type Seen, seenLast } from "../data/SeenLast.ts"
import { Answered } from "../look/Answered.tsx"
import { IdText } from "../words/IdText.tsx"
import { numberText } from "../words/Numbers.ts"
import { shortText } from "../words/Times.ts"
import { beginning, visible } from "../words/EscapedText.ts"

const titleOf = ({ person }: Seen): string | undefined => {
  const { name, email } = person?.properties ?? {}
  const [told] = [name, email].filter((text) => typeof text === "string" && text !== "")
  return typeof told === "string" ? beginning(told, 120) : undefined
}

const SeenRow = ({ seen }: { readonly seen: Seen }) => {
  const title = titleOf(seen)
  return (
    <tr>
      <td>
        <Link to={{ id: seen.id }}>
          {title === undefined ? <IdText id={seen.id} /> : visible(title)}
        </Link>
      </td>
      <td className="num">{numberText(seen.person?.distinct_ids.length ?? 0)}</td>
      <td>{visible(seen.event)}</td>
      <td className="num hide-s">{shortText(seen.time)}</td>
      <td className="num">
        <At position={seen.position} />
      </td>
    </tr>
  )
}

/** The persons of the last events. */
export const SeenLastPanel = () => (
  <section className="panel" aria-labelledby="h-recent">
    <header>
      <h2 id="h-recent">Seen last</h2>
    </header>
    <Answered result={useAtom(seenLast)}>
      {(persons) => (
        <div className="scroll" tabIndex={0} role="region" aria-label="Persons seen last">
          <table>
            <thead>
              <tr>
                <th scope="col">Person</th>
                <th scope="col" className="num">
                  Ids
                </th>
                <th scope="col">Last event</th>
                <th scope="col" className="num hide-s">
                  When
                </th>
                <th scope="col" className="num">
                  At
                </th>
              </tr>
            </thead>
            <tbody>
              {persons.map((seen) => (
                <SeenRow key={`${seen.position}`} seen={seen} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Answered>
  </section>
)
